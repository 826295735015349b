/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model without tables from texts: what it knows of English, it has read since it was started.
 * Given are only the kinds of sounds that letters stand for, here and in the code tree.
 *
 *   v = seen[row(last character, kind of the one before it)]
 *   z = v . asked[node]                    the ASKED first nodes: those of letters and blanks
 *       + bias[node] + column[column]      the latter: blank or line end
 *       +- boost[confidence][within a word][depth]        towards the guessed symbol
 *   g = bit - P(bit = 1),  every term goes up its own gradient of log P(bit)
 *
 * seen (SEEN, UNITS), asked (ASKED, UNITS): units of 1/64, two factors of the table of all nodes'
 * logits after all rows, learned as the table is used. bias and boost: 1/32 nat; column: 1/16 nat.
 * Steps, in 1/65536 of a unit, are those below, halved twice as the text goes on; what a step is too
 * little for is carried on to the next weight.
 *
 * The guess: a symbol that surprised is kept at the hash of the word so far, or of its last three
 * letters, with a confidence of 0..3 that a hit raises and a miss lowers; at 0 a surprise replaces
 * it.
 */
#ifndef CHARLM_PLAIN_H
#define CHARLM_PLAIN_H

#define TREE_TABLES "charlm/tree_sounds_tables.h"

#include "charlm/coder.h"
#include "charlm/history.h"
#include "charlm/logistic.h"
#include "charlm/tree.h"
#include "fixed/product.h"
#include "fixed/saturate.h"

#ifndef GUESSES
#error "the app's config says GUESSES"
#endif

#define FACTOR_STEP 64 /* g in 1/64, rounded, * the other factor * */
#define BIAS_STEP 3    /* g Q15 * ; bias and boost */
#define COLUMN_STEP 4  /* g Q15 * ; never halved */
#define LATE 768       /* steps are halved when so many times AGE_SYMBOLS are learned, */
#define LATER 3840     /* and again */
#define AGE_SYMBOLS 16
#define SURPRISE 25000 /* sum of |g| of a symbol that is worth a guess */

#define UNITS 4
#define ASKED 32
#define SEEN 76
#define CONFIDENCES 4
#define DEPTHS 3

typedef struct {
    history past;
    coder stream;
    state_u16 feed;    /* of spelling.h */
    state_u16 carried; /* what the last steps were too little for, in 1/65536 */
    state_u16 age;
    uint8_t young; /* symbols since age was counted up */
    int8_t seen[SEEN][UNITS];
    int8_t asked[ASKED][UNITS];
    int8_t bias[NODES];
    int8_t column[COLUMNS];
    int8_t boost[CONFIDENCES][2][DEPTHS];
    uint8_t guess[GUESSES]; /* symbol, confidence << 6 */
} model;

_Static_assert(SYMBOLS <= 64, "a guess holds its symbol in six bits");
_Static_assert(TREE_DEPTH * (64L * 127 / 2) <= 32767, "a walk's gradient must fit 16 bits");
_Static_assert(UNITS * (127L * 127 / 2) <= 32767, "a product of factors must fit 16 bits");

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
    return last <= CLASS_LINE_END ? (uint8_t)(rows[last] + plain_kind(before)) : SEEN - 1;
}

#define ROW_SHIFT 69 /* of a capital, by what is before it */

/* Numbers without a pattern, -range..range. */
static inline void plain_scatter(int8_t *weight, uint16_t count, uint8_t range, uint16_t *noise) {
    for (uint16_t i = 0; i < count; i++) {
        *noise = (uint16_t)(*noise * 25173u + 13849u);
        weight[i] = (int8_t)((uint8_t)(*noise >> 8) % (2 * range) - range);
    }
}

static inline void model_start(model *net, uint8_t decoding) {
    uint8_t *byte = (uint8_t *)net;
    for (uint16_t i = 0; i < sizeof *net; i++) {
        byte[i] = 0;
    }
    history_start(&net->past);
    net->feed = EVEN;
    uint16_t noise = 1;
    plain_scatter(net->seen[0], SEEN * UNITS, 32, &noise);
    plain_scatter(net->asked[0], ASKED * UNITS, 8, &noise);
    for (uint8_t c = 0; c < CONFIDENCES; c++) {
        for (uint8_t d = 0; d < DEPTHS; d++) {
            net->boost[c][0][d] = net->boost[c][1][d] = (int8_t)(10 * c);
        }
    }
    coder_start(&net->stream, decoding);
}

/* A step in 1/65536 of a weight's unit, with what was carried. */
SHARED void plain_nudge(model *net, int8_t *weight, int32_t step) {
    int32_t sum = step + net->carried;
    net->carried = (uint16_t)sum;
    *weight = saturate_i8((int16_t)(*weight + (int16_t)(sum >> 16)), 127);
}

static inline int32_t plain_step(int16_t product, uint8_t step, uint8_t halved) {
    return (int32_t)product * step >> halved;
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
    int8_t *seen = net->seen[past->capitals & CAPITAL_NEXT ? ROW_SHIFT + plain_kind(last)
                                                           : plain_row(last, past->recent[1])];
    int16_t uphill[UNITS] = {0}; /* the gradient of v */
    int8_t *column = &net->column[history_column(past)];
    uint8_t *guess = plain_guess(net);
    uint8_t confidence = *guess >> 6;
    int8_t *boosts = net->boost[confidence][last < LETTERS];
    uint16_t guessed = tree_path(*guess & 63);
    uint16_t path = net->stream.decoding ? TREE_END : tree_path(symbol);
    uint8_t halved = net->age < LATE ? 0 : net->age < LATER ? 1 : 2;
    uint16_t surprise = 0;
    uint8_t node = 0;
    uint8_t depth = 0;
    do {
        uint8_t towards = guessed & 1;
        int8_t *boost = guessed != TREE_END ? &boosts[depth < 2 ? 0 : depth < 4 ? 1 : 2] : 0;
        int8_t *asked = net->asked[node < ASKED ? node : 0];
        int16_t z = net->bias[node] * 8;
        if (node < ASKED) {
            int16_t sum = 0;
            for (uint8_t j = 0; j < UNITS; j++) {
                sum += (int16_t)(seen[j] * asked[j]) >> 1;
            }
            z += sum >> 3;
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
        plain_nudge(net, &net->bias[node], plain_step(g, BIAS_STEP, halved));
        if (node == TREE_LINE_END_NODE) {
            plain_nudge(net, column, (int32_t)g * COLUMN_STEP);
        }
        if (boost) {
            plain_nudge(net, boost, plain_step(towards ? g : -g, BIAS_STEP, halved));
        }
        int8_t slope = (int8_t)(((g >> 8) + 1) >> 1);
        if (node < ASKED && slope != 0) {
            for (uint8_t j = 0; j < UNITS; j++) {
                uphill[j] += (int16_t)(slope * asked[j]) >> 1;
                plain_nudge(net, &asked[j], plain_step(slope * seen[j], FACTOR_STEP, halved));
            }
        }
        guessed = boost && bit == towards ? guessed >> 1 : TREE_END;
        path >>= 1;
        depth++;
        node = tree_child[node * 2 + bit];
    } while (node < TREE_LEAF);
    for (uint8_t j = 0; j < UNITS; j++) {
        plain_nudge(net, &seen[j], plain_step(uphill[j], 2 * FACTOR_STEP, halved));
    }
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
