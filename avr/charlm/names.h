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

#include "charlm/state.h"
#include "charlm/transformer_shape.h"
#include "fixed/kernel.h"
#include "fixed/saturate.h"

/* Symbols: marks, of which the line feed is the first, capitals, small letters. */
#define LINE_FEED 0
#define CAPITALS 13
#define SMALLS 39
#define TO_SMALL (SMALLS - CAPITALS)

#ifndef NAMES
#define NAMES 204
#endif
#define RECENT 4
#define CONFIDENCES 3
#define CONFIDENCE_SHIFT 6
#define DOUBTED (1 << CONFIDENCE_SHIFT)
#define NEW (2 << CONFIDENCE_SHIFT)
#define LETTER 63

/* Boosts are Q5. */
#ifndef BOOST_START
#define BOOST_START 96
#endif
#ifndef BOOST_STEP
#define BOOST_STEP 8
#endif

enum { NO_WORD, SMALL_WORD, CAPITAL_WORD };

/* All 0 at the start of a text, which is that of a speaker's line. */
typedef struct {
    uint8_t kept[NAMES];                   /* a letter, and its confidence; 0: nothing */
    uint8_t guessed[RECENT + 1];           /* symbols: the initials, and what is kept here */
    int8_t boost[RECENT + 2 * CONFIDENCES]; /* of the initials; within and outside speakers' lines */
    uint8_t first;                         /* which of `guessed` are guesses, and */
    uint8_t guesses;                       /* how many of them; */
    uint8_t boosted;                       /* their first boost */
    uint8_t beginning;                     /* hash of the word so far, or of it and the marks after */
    uint8_t word;
    uint8_t in_line;                       /* 0 when the last symbol was a line feed, else 1 */
    uint8_t in_speech;                     /* 0 in a speaker's line, else 1 */
} names;

_Static_assert(SMALLS - 1 <= LETTER && SMALLS + TO_SMALL == ALPHABET,
               "a letter that is kept has six bits, and there are as many small ones as capitals");

/* The place of what follows this beginning; 0 where nothing is kept. */
SHARED uint8_t *names_place(names *own) {
    if (own->in_speech ? own->word != CAPITAL_WORD : !own->in_line) {
        return 0;
    }
    uint8_t slot = own->beginning;
    return own->kept + (slot < NAMES ? slot : slot - 128);
}

/* Raises what is guessed in the logits Q5 (SYMBOLS,). */
SHARED void names_guess(names *own, int16_t *logit) {
    const uint8_t *place = names_place(own);
    own->first = 0;
    own->boosted = 0;
    own->guesses = own->in_line | own->in_speech ? 0 : RECENT;
    if (place != 0 && *place != 0) {
        uint8_t letter = *place & LETTER;
        if (letter >= CAPITALS && logit[letter + TO_SMALL] > logit[letter]) {
            letter += TO_SMALL;
        }
        own->guessed[RECENT] = letter;
        own->first = RECENT;
        own->guesses = 1;
        own->boosted = (uint8_t)((*place >> CONFIDENCE_SHIFT) + RECENT - 1 + (own->in_speech ? CONFIDENCES : 0));
    }
    for (uint8_t i = 0; i < own->guesses; i++) {
        logit[own->guessed[own->first + i]] += BOOST_START + own->boost[own->boosted + i];
    }
}

/* What spoke for this symbol is to speak louder by step, or lower. */
SHARED void names_step(names *own, uint8_t symbol, int8_t step) {
    for (uint8_t i = 0; i < own->guesses; i++) {
        if (own->guessed[own->first + i] == symbol) {
            int8_t *boost = own->boost + own->boosted + i;
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
SHARED void names_keep(names *own, uint8_t came, uint8_t surprised) {
    uint8_t *place = names_place(own);
    uint8_t letter = names_letter(came);
    if (place == 0 || (own->in_speech && letter < CAPITALS)) {
        return;
    }
    uint8_t kept = *place & LETTER;
    uint8_t confidence = (uint8_t)(*place - kept);
    if (confidence != 0 && kept == letter) {
        if (confidence <= NEW) {
            *place = (uint8_t)(*place + DOUBTED);
        }
    } else if (confidence > DOUBTED) {
        *place = kept | DOUBTED;
    } else if (!own->in_speech || surprised) {
        *place = letter | NEW;
    }
}

/* What the symbol was. */
SHARED void names_push(names *own, uint8_t symbol) {
    if (!(own->in_line | own->in_speech)) {
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
    own->beginning = (uint8_t)(own->beginning * 5 + letter);
    if (symbol == LINE_FEED) {
        own->in_speech = own->in_line;
        own->in_line = 0;
    } else {
        own->in_line = 1;
    }
}

#endif
