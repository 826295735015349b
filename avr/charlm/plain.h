/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model without tables from texts: what it knows of English, it has read since it was started.
 * Given are only the kinds of sounds that letters stand for, here and in the code tree.
 *
 *   z = seen[row] . asked[node]            factors.h, for the ASKED first nodes: letters and
 * blanks; a row: last character, kind of the one before it
 *       + bias[node] + column[column]      the latter: blank or line end
 *       +- boost[confidence][within a word][depth]        towards the guessed symbol
 *   g = bit - P(bit = 1),  every term goes up its own gradient of log P(bit)
 *
 * bias and boost: 1/32 nat; column: 1/16 nat. Steps, in 1/65536 of a unit, are those below, halved
 * twice as the text goes on.
 *
 * The guess: a symbol that surprised is kept at the hash of the word so far, or of its last three
 * letters, with a confidence of 0..3 that a hit raises and a miss lowers; at 0 a surprise replaces
 * it.
 */
#ifndef CHARLM_PLAIN_H
#define CHARLM_PLAIN_H

#define TREE_TABLES "charlm/tree_sounds_tables.h"
#define ROWS_SEEN 76
#define ASKED 32

#include "charlm/coder.h"
#include "charlm/factors.h"
#include "charlm/history.h"
#include "charlm/logistic.h"
#include "charlm/tree.h"
#include "fixed/product.h"

#ifndef GUESSES
#error "the app's config says GUESSES"
#endif

#define BIAS_STEP 3   /* g Q15 * ; bias and boost */
#define COLUMN_STEP 8 /* g Q15 * */
#define LATE 768      /* steps are halved when so many times AGE_SYMBOLS are learned, */
#define LATER 3840    /* and again */
#define AGE_SYMBOLS 16
#define SURPRISE 25000 /* sum of |g| of a symbol that is worth a guess */

#define CONFIDENCES 4
#define DEPTHS 3

typedef struct {
    history past;
    coder stream;
    state_u16 feed; /* of spelling.h */
    state_u16 age;  /* symbols learned, in AGE_SYMBOLS; to LATER */
    uint8_t young;  /* and symbols since then */
    factors table;
    int8_t bias[NODES];
    int8_t column[COLUMNS];
    int8_t boost[CONFIDENCES][2][DEPTHS];
    uint8_t guess[GUESSES]; /* symbol, confidence << 6 */
} model;

_Static_assert(SYMBOLS <= 64, "a guess holds its symbol in six bits");
_Static_assert(TREE_DEPTH <= DECISIONS_MAX, "see factors.h");

static inline uint8_t plain_kind(uint8_t class) {
    static IN_FLASH uint8_t kinds[LETTERS] = {1, 2, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2,
                                              2, 1, 2, 2, 2, 2, 2, 1, 2, 2, 2, 1, 2};
    return class < LETTERS ? kinds[class] : 0; /* none, vowel, consonant */
}

/* Three rows a letter or blank, by the kind before it; j, q, x and z share theirs, as do line end
 * and blank. One row for all marks and digits. */
static inline uint8_t plain_row(uint8_t last, uint8_t before) {
    static IN_FLASH uint8_t rows[CLASS_LINE_END + 1] = {0,  3,  6,  9,  12, 15, 18, 21, 24, 72,
                                                        27, 30, 33, 36, 39, 42, 72, 45, 48, 51,
                                                        54, 57, 60, 72, 63, 72, 66, 66};
    return last <= CLASS_LINE_END ? (uint8_t)(rows[last] + plain_kind(before)) : ROWS_SEEN - 1;
}

#define ROW_SHIFT 69 /* of a capital, by what is before it */

static inline void model_start(model *net, uint8_t decoding) {
    uint8_t *byte = (uint8_t *)net;
    for (uint16_t i = 0; i < sizeof *net; i++) {
        byte[i] = 0;
    }
    history_start(&net->past);
    net->feed = EVEN;
    factors_start(&net->table);
    for (uint8_t c = 0; c < CONFIDENCES; c++) {
        for (uint8_t d = 0; d < DEPTHS; d++) {
            net->boost[c][0][d] = net->boost[c][1][d] = (int8_t)(10 * c);
        }
    }
    coder_start(&net->stream, decoding);
}

/* The place of the guess. */
static inline uint8_t *plain_guess(model *net) {
    const history *past = &net->past;
    uint16_t hash = past->capitals & CAPITAL_NEXT;
    uint8_t i = 0;
    while (i < 3 && past->recent[i] < LETTERS) {
        hash = history_mix(hash, past->recent[i++]);
    }
    if (i < 3) {
        hash = history_word(past);
    }
    return &net->guess[product_high(hash, GUESSES / 2) >> 7];
}

/* Walks down the tree, to `symbol` or to what is decoded. */
SHARED uint8_t code_symbol(model *net, uint8_t symbol) {
    const history *past = &net->past;
    uint8_t last = past->recent[0];
    factors *table = &net->table;
    int8_t *seen = table->seen[past->capitals & CAPITAL_NEXT ? ROW_SHIFT + plain_kind(last)
                                                             : plain_row(last, past->recent[1])];
    int16_t uphill[UNITS] = {0};
    int8_t *column = &net->column[history_column(past)];
    uint8_t *guess = plain_guess(net);
    uint8_t confidence = *guess >> 6;
    int8_t *boosts = net->boost[confidence][last < LETTERS];
    uint16_t guessed = tree_path(*guess & 63);
    uint16_t path = net->stream.decoding ? TREE_END : tree_path(symbol);
    table->halved = net->age < LATE ? 0 : net->age < LATER ? 1 : 2;
    uint16_t surprise = 0;
    uint8_t node = 0;
    uint8_t depth = 0;
    do {
        uint8_t towards = guessed & 1;
        int8_t *boost = guessed != TREE_END ? &boosts[depth < 2 ? 0 : depth < 4 ? 1 : 2] : 0;
        int16_t z = net->bias[node] * 8;
        if (node < ASKED) {
            z += factors_logit(table, seen, node);
        }
        if (node == TREE_LINE_END_NODE) {
            z += *column * 16;
        }
        if (boost) {
            z += towards ? *boost * 8 : -*boost * 8;
        }
        z = z > LOGIT_MAX ? LOGIT_MAX : z < -LOGIT_MAX ? -LOGIT_MAX : z;
        uint16_t p = logistic(z);
        uint8_t bit = coder_bit(&net->stream, p, path & 1);

        uint16_t missed = (bit ? (uint16_t)(0 - p) : p) >> 1;
        int16_t g = (int16_t)(bit ? missed : -missed);
        surprise += missed >> 3;
        factors_nudge(table, &net->bias[node], (int32_t)g * BIAS_STEP);
        if (node < ASKED) {
            factors_learn(table, seen, node, g, uphill);
        }
        if (node == TREE_LINE_END_NODE) {
            factors_nudge(table, column, (int32_t)g * COLUMN_STEP);
        }
        if (boost) {
            factors_nudge(table, boost, (int32_t)(towards ? g : -g) * BIAS_STEP);
        }
        guessed = boost && bit == towards ? guessed >> 1 : TREE_END;
        path >>= 1;
        depth++;
        node = tree_child[node * 2 + bit];
    } while (node < TREE_LEAF);
    factors_move(table, seen, uphill);
    symbol = node - TREE_LEAF;
    if ((*guess & 63) == symbol) {
        *guess = (uint8_t)(confidence < CONFIDENCES - 1 ? *guess + 64 : *guess);
    } else if (confidence > 0) {
        *guess = (uint8_t)(*guess - 64);
    } else if (surprise >= SURPRISE / 8) {
        *guess = symbol;
    }
    if (++net->young == AGE_SYMBOLS && net->age < LATER) {
        net->young = 0;
        net->age++;
    }
    return symbol;
}

#include "charlm/spelling.h"

#endif
