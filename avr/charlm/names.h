/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that a play repeats: its speakers, and the words that begin with a capital.
 *
 *   logit[initial[i]] += recency[i]                   at the start of a speaker's line
 *   logit[guess]      += boost[speaker][confidence]   within it, and within a capital's word
 *
 * An empty line ends with a speaker's line to come. Its first letter may be that of any of the
 * RECENT last speakers, the last first. Further on, a letter that surprised after a beginning is
 * kept at the hash of that beginning, with a confidence: 1 doubted, 2 new, 3 confirmed. A hit raises
 * it, a miss lowers it to 1, and from there the letter that came takes the place.
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
#define NO_GUESS ALPHABET /* which is never learned */

#ifndef NAMES
#define NAMES 204
#endif
#define RECENT 4
#define CONFIDENCES 3
#define CONFIDENCE_SHIFT 6
#define DOUBTED (1 << CONFIDENCE_SHIFT)
#define NEW (2 << CONFIDENCE_SHIFT)
#define LETTER 63

/* Boosts are Q5, 0..8 bits. */
#define BOOST_START 96
#define BOOST_STEP 8

enum { NO_WORD, SMALL_WORD, CAPITAL_WORD };

typedef struct {
    uint8_t kept[NAMES];                /* a letter, and its confidence; 0: nothing */
    uint8_t initial[RECENT];            /* symbols */
    uint8_t recency[RECENT];            /* boosts */
    uint8_t boost[2 * CONFIDENCES];     /* outside and within a speaker's line */
    uint8_t guess;                      /* the symbol that is guessed, or NO_GUESS */
    uint8_t boosted;                    /* and which boost it has */
    state_u16 beginning;                /* hash of the word so far, or of it and the marks after */
    uint8_t word;
    uint8_t speaker;                    /* 1 in a speaker's line */
    uint8_t line_end;                   /* 1 when the last symbol was a line feed */
} names;

_Static_assert(SMALLS - 1 <= LETTER && SMALLS + TO_SMALL == ALPHABET,
               "a letter that is kept has six bits, and there are as many small ones as capitals");

SHARED void names_start(names *own) {
    uint8_t *byte = (uint8_t *)own;
    for (uint16_t i = 0; i < sizeof *own; i++) {
        *byte++ = 0;
    }
    for (uint8_t i = 0; i < 2 * CONFIDENCES; i++) {
        own->boost[i] = BOOST_START;
    }
    own->speaker = 1;
    own->line_end = 1;
}

KERNEL uint8_t names_is_start(const names *own) {
    return own->speaker & own->line_end;
}

/* The place of what follows this beginning; 0 where nothing is kept. */
SHARED uint8_t *names_place(names *own) {
    if (own->speaker ? own->line_end : own->word != CAPITAL_WORD) {
        return 0;
    }
    return own->kept + (uint16_t)((uint32_t)own->beginning * NAMES >> 16);
}

/* Raises what is guessed in the logits Q5 (SYMBOLS,). */
SHARED void names_guess(names *own, int16_t *logit) {
    own->guess = NO_GUESS;
    if (names_is_start(own)) {
        for (uint8_t i = 0; i < RECENT; i++) {
            logit[own->initial[i]] += own->recency[i];
        }
        return;
    }
    const uint8_t *place = names_place(own);
    if (place == 0 || *place == 0) {
        return;
    }
    uint8_t letter = *place & LETTER;
    if (letter >= CAPITALS && logit[letter + TO_SMALL] > logit[letter]) {
        letter += TO_SMALL;
    }
    own->guess = letter;
    own->boosted = (uint8_t)((*place >> CONFIDENCE_SHIFT) - 1 + (own->speaker ? CONFIDENCES : 0));
    logit[letter] += own->boost[own->boosted];
}

/* What spoke for this symbol is to speak louder by step, or lower. */
SHARED void names_step(names *own, uint8_t symbol, int8_t step) {
    if (names_is_start(own)) {
        for (uint8_t i = 0; i < RECENT; i++) {
            if (own->initial[i] == symbol) {
                own->recency[i] = saturate_u8((int16_t)(own->recency[i] + step), 255);
            }
        }
    } else if (own->guess == symbol) {
        uint8_t *boost = own->boost + own->boosted;
        *boost = saturate_u8((int16_t)(*boost + step), 255);
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
    if (place == 0 || (!own->speaker && letter < CAPITALS)) {
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
    } else if (own->speaker || surprised) {
        *place = letter | NEW;
    }
}

/* What the symbol was. */
SHARED void names_push(names *own, uint8_t symbol) {
    if (names_is_start(own)) {
        for (uint8_t i = RECENT - 1; i != 0; i--) {
            own->initial[i] = own->initial[i - 1];
        }
        own->initial[0] = symbol;
    }
    uint8_t letter = names_letter(symbol);
    if (letter < CAPITALS) {
        own->word = NO_WORD;
    } else if (own->word == NO_WORD) {
        own->word = letter == symbol ? CAPITAL_WORD : SMALL_WORD;
        own->beginning = 0;
    }
    uint16_t mixed = (uint16_t)((own->beginning ^ letter) * 40503u);
    own->beginning = mixed ^ mixed >> 8;
    if (symbol == LINE_FEED) {
        own->speaker = own->line_end;
        own->line_end = 1;
    } else {
        own->line_end = 0;
    }
}

#endif
