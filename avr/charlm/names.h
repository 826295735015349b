/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that a play repeats: its speakers, and the words that begin with a capital.
 *
 *   logit[guessed[i]] += BOOST_START + boost[i]       of the guesses at this place
 *
 * An empty line ends with a speaker's line to come. Its first letter may be that of any of the
 * RECENT last speakers, the last first. Further on, and in a capital's word, a letter that came
 * after a beginning is kept at the hash of that beginning, with a confidence: 1 doubted, 2 new,
 * 3 confirmed. A hit raises it, a miss lowers it to 1, and from there the letter that came takes
 * the place.
 *
 * Letters are kept as capitals, so that PETRUCHIO the speaker tells how Petruchio goes on; which of
 * the two it is to be says the transformer: the likelier.
 */
#ifndef CHARLM_NAMES_H
#define CHARLM_NAMES_H

#include "charlm/adapted_layout.h"
#include "charlm/state.h"
#include "charlm/transformer_shape.h"
#include "fixed/kernel.h"
#include "fixed/saturate.h"

/* All 0 at the start of a text, which is that of a speaker's line. */
typedef struct {
    uint8_t in_line;   /* 0 when the last symbol was a line feed, else 1 */
    uint8_t in_speech; /* 0 in a speaker's line, else 1 */
    uint8_t word;
    uint8_t beginning;           /* hash of the word so far, or of it and the marks after it */
    uint8_t guesses;             /* so many at this place: the initials, or what is kept */
    uint8_t boosted;             /* the first one's boost: 0 of the initials */
    uint8_t guessed[RECENT + 1]; /* symbols: the initials, then what is kept */
    int8_t boost[BOOSTS]; /* of the initials; by confidence in speakers' lines, in speeches */
    uint8_t kept[NAMES];  /* a letter and its confidence; 0: nothing */
} names;

_Static_assert(SMALLS - 1 <= LETTER && SMALLS + TO_SMALL == ALPHABET,
               "a letter that is kept has six bits, and there are as many small ones as capitals");

/* The place of what follows this beginning; 0 where nothing is kept. */
static inline uint8_t *names_place(names *own) {
    if (own->in_speech ? own->word != CAPITAL_WORD : !own->in_line) {
        return 0;
    }
    uint8_t hash = own->beginning;
    return own->kept + (hash < NAMES ? hash : hash - 128);
}

/* The first guess, and its boost in *boost. */
static inline const uint8_t *names_first(names *own, int8_t **boost) {
    *boost = own->boost + own->boosted;
    return own->boosted ? own->guessed + RECENT : own->guessed;
}

/* Raises what is guessed in the logits Q5 (SYMBOLS,). */
static inline void names_guess(names *own, int16_t *logit) {
    const uint8_t *place = names_place(own);
    own->guesses = own->in_line || own->in_speech ? 0 : RECENT;
    own->boosted = 0;
    if (place != 0 && *place != 0) {
        uint8_t letter = *place & LETTER;
        if (letter >= CAPITALS && logit[letter + TO_SMALL] > logit[letter]) {
            letter += TO_SMALL;
        }
        own->guessed[RECENT] = letter;
        own->guesses = 1;
        own->boosted =
            (uint8_t)(RECENT - 1 + *place / DOUBTED + (own->in_speech ? CONFIDENCES : 0));
    }
    int8_t *boost;
    const uint8_t *guess = names_first(own, &boost);
    for (uint8_t left = own->guesses; left != 0; left--) {
        logit[*guess++] += BOOST_START + *boost++;
    }
}

/* What spoke for this symbol is to speak louder by step, or lower. */
static inline void names_step(names *own, uint8_t symbol, int8_t step) {
    int8_t *boost;
    const uint8_t *guess = names_first(own, &boost);
    for (uint8_t left = own->guesses; left != 0; left--, boost++) {
        if (*guess++ == symbol) {
            *boost = saturate_i8((int16_t)(*boost + step), 127);
        }
    }
}

/* A symbol as it is kept. */
static inline uint8_t names_letter(uint8_t symbol) {
    return symbol >= SMALLS ? (uint8_t)(symbol - TO_SMALL) : symbol;
}

/* Keeps what came, if there is a place for it. Outside a speaker's line only letters are kept, and
 * only what surprised. */
static inline void names_keep(names *own, uint8_t came, uint8_t surprised) {
    uint8_t *place = names_place(own);
    uint8_t letter = names_letter(came);
    if (place == 0 || (own->in_speech && letter < CAPITALS)) {
        return;
    }
    uint8_t kept = *place & LETTER;
    if (*place != 0 && kept == letter) {
        *place = (uint8_t)(*place < 2 * NEW - DOUBTED ? *place + DOUBTED : *place);
    } else if (*place >= NEW) {
        *place = kept | DOUBTED;
    } else if (!own->in_speech || surprised) {
        *place = letter | NEW;
    }
}

/* What the symbol was. */
static inline void names_push(names *own, uint8_t symbol) {
    if (!own->in_line && !own->in_speech) {
        for (uint8_t i = RECENT - 1; i != 0; i--) {
            own->guessed[i] = own->guessed[i - 1];
        }
        own->guessed[0] = symbol;
    }
    uint8_t letter = names_letter(symbol);
    if (letter < CAPITALS) {
        own->word = NO_WORD;
    } else if (own->word == NO_WORD) {
        own->word = letter == symbol ? CAPITAL_WORD : SMALL_WORD;
        own->beginning = 0;
    }
    own->beginning = (uint8_t)(own->beginning * 3 + letter);
    if (symbol == LINE_FEED) {
        own->in_speech = own->in_line;
        own->in_line = 0;
    } else {
        own->in_line = 1;
    }
}

#endif
