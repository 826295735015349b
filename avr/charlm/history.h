/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the model remembers of the text, and the contexts that it looks up.
 *
 * A shift changes only `capitals`. A line feed after a carriage return changes nothing: texts with
 * either line end have the same contexts.
 */
#ifndef CHARLM_HISTORY_H
#define CHARLM_HISTORY_H

#include <stddef.h>

#include "charlm/alphabet.h"
#include "charlm/state.h"

#define HISTORY_SIZE 4

#define CAPITAL_NEXT 1    /* a shift has been coded and its letter has not */
#define CAPITAL_BEFORE 2  /* the last character was a capital */
#define CAPITALS_BEFORE 4 /* and the one before it */
#define CAPITALS 8

#define COLUMNS 16

/* Orders 2, 3 and 4, and the word so far. */
#define CONTEXTS 4

typedef struct {
    uint8_t recent[HISTORY_SIZE]; /* classes, the newest first */
    uint8_t capitals;
    uint8_t column;       /* characters since the line end, at most 255 */
    uint8_t after_return; /* the last symbol was a carriage return */
    state_u16 word;       /* hash of the letters since the last character that is none */
} history;

_Static_assert(offsetof(history, recent) == 0 && HISTORY_SIZE == 4, "history.S has these");
_Static_assert(offsetof(history, capitals) == 4 && CAPITAL_NEXT == 1, "and these");
_Static_assert(offsetof(history, word) == 7 && CONTEXTS == 4, "and these");

static inline void history_start(history *past) {
    for (uint8_t i = 0; i < HISTORY_SIZE; i++) {
        past->recent[i] = CLASS_LINE_END;
    }
    past->capitals = 0;
    past->column = 0;
    past->after_return = 0;
    past->word = 0;
}

/* value * 40503, modulo 2^16. */
static inline uint16_t history_product_c(uint16_t value) {
    return (uint16_t)(value * 40503u);
}

#if defined(__AVR__) && !defined(__AVR_HAVE_MUL__)
uint16_t history_product(uint16_t value) __attribute__((const));
#else
#define history_product history_product_c
#endif

static inline uint16_t history_mix_c(uint16_t hash, uint8_t value) {
    hash = history_product_c(hash ^ value);
    return (uint16_t)(hash ^ hash >> 8);
}

#ifdef __AVR__
uint16_t history_mix(uint16_t hash, uint8_t value) __attribute__((const));
#else
#define history_mix history_mix_c
#endif

static inline void history_push(history *past, uint8_t symbol) {
    if (symbol == SYMBOL_SHIFT) {
        past->capitals |= CAPITAL_NEXT;
        return;
    }
    uint8_t returned = past->after_return;
    past->after_return = symbol == SYMBOL_RETURN;
    if (symbol == SYMBOL_LINE_FEED && returned) {
        return;
    }
    uint8_t class = alphabet_class(symbol);
    for (uint8_t i = HISTORY_SIZE - 1; i > 0; i--) {
        past->recent[i] = past->recent[i - 1];
    }
    past->recent[0] = class;
    uint8_t capital = past->capitals & CAPITAL_NEXT;
    past->capitals = (uint8_t)((past->capitals & CAPITAL_BEFORE) && capital ? CAPITALS_BEFORE : 0);
    past->capitals |= capital ? CAPITAL_BEFORE : 0;
    past->word = class < LETTERS ? history_mix(past->word, (uint8_t)(class + 1)) : 0;
    if (class == CLASS_LINE_END) {
        past->column = 0;
    } else if (past->column != 255) {
        past->column++;
    }
}

/* 0..COLUMNS - 1: to 19, by four up to 79, beyond. */
static inline uint8_t history_column(const history *past) {
    if (past->column < 20) {
        return 0;
    }
    return past->column >= 76 ? COLUMNS - 1 : (uint8_t)((past->column - 16) >> 2);
}

/* The word so far; between words, the last character. */
static inline uint16_t history_word(const history *past) {
    return history_mix(past->word,
                       (uint8_t)(past->recent[0] + ((past->capitals & CAPITAL_NEXT) << 6)));
}

static inline void history_contexts_c(const history *past, uint16_t hash[CONTEXTS]) {
    uint16_t mixed = past->capitals & CAPITAL_NEXT;
    mixed = history_mix(mixed, past->recent[0]);
    for (uint8_t i = 1; i < HISTORY_SIZE; i++) {
        mixed = history_mix(mixed, past->recent[i]);
        hash[i - 1] = mixed;
    }
    hash[CONTEXTS - 1] = history_word(past);
}

#ifdef __AVR__
void history_contexts(const history *past, uint16_t hash[CONTEXTS]);
#else
#define history_contexts history_contexts_c
#endif

#endif
