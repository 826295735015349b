/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is learned of this text, from nothing, decision by decision.
 *
 *   z    = gain[node] * prior + follow[hash(last class, node)]
 *          + readout[node] . h                       the READOUTS busiest nodes
 *          + column[column]                          blank or line end
 *          +- boost[confidence][depth]               towards the guessed symbol
 *   g    = bit - P(bit = 1),  every term goes up its own gradient of log P(bit)
 *
 * Steps are in the table below; what a step is too little for a weight of 8 bits is carried on to
 * the next weight, so nothing is lost to rounding and no noise is needed.
 *
 * The guess: a symbol that surprised after a word's beginning is kept at the hash of that
 * beginning, with a confidence of 1..3 that a hit raises and a miss lowers; at 1 a surprise
 * replaces it.
 */
#ifndef CHARLM_LEARNED_H
#define CHARLM_LEARNED_H

#include "charlm/coder.h"
#include "charlm/logistic.h"
#include "charlm/prior.h"
#include "charlm/tree.h"
#include "fixed/saturate.h"

#if !defined GUESSES || !defined FOLLOWS || !defined READOUTS
#error "the app's config says GUESSES, FOLLOWS (a power of two) and READOUTS"
#endif

/* A unit of gain is 1/64, of follow 1/32, readout 1/512, column 1/16, boost 1/4096 nat.
 * Steps in 1/65536 of a unit, for g Q15, or for g in 1/64, rounded, which is 0 where nothing is to
 * be learned, and whose products fit 16 bits; follow takes g as it is: */
#define GAIN_STEP 16    /* g * prior * */
#define READOUT_STEP 32 /* g * h * */
#define COLUMN_STEP 4   /* g * */
#define BOOST_SHIFT 10  /* g >>, a whole step */
#define SURPRISE 20000  /* sum of |g| of a symbol that is worth a guess */
#define GAIN_START 58
#define PRIOR_LIMIT 255 /* 8 nats, and its product with a gain has 16 bits */
#define CONFIDENCES 3
#define DEPTHS 3

typedef struct {
    uint8_t gain[NODES];
    int8_t follow[FOLLOWS];
    int8_t readout[READOUTS][HIDDEN];
    int8_t column[COLUMNS];
    state_i16 boost[CONFIDENCES][DEPTHS];
    state_u16 feed;         /* P(line feed after a carriage return), 1/65536 */
    state_u16 carried;      /* what the last steps were too little for, in 1/65536 */
    uint8_t guess[GUESSES]; /* symbol, confidence << 6 */
} learned;

_Static_assert(64L * PRIOR_LIMIT <= 32767 && 64L * HIDDEN_MAX <= 32767, "see GAIN_STEP");
_Static_assert(SYMBOLS <= 64, "a guess holds its symbol in six bits");
_Static_assert((FOLLOWS & (FOLLOWS - 1)) == 0 && FOLLOWS <= 256, "a hash of 8 bits is masked");

SHARED void learned_start(learned *own) {
    uint8_t *byte = (uint8_t *)own;
    for (uint16_t i = 0; i < sizeof *own; i++) {
        byte[i] = 0;
    }
    for (uint8_t node = 0; node < NODES; node++) {
        own->gain[node] = GAIN_START;
    }
    for (uint8_t c = 0; c < CONFIDENCES; c++) {
        for (uint8_t d = 0; d < DEPTHS; d++) {
            own->boost[c][d] = (int16_t)(2000 + 1200 * c);
        }
    }
    own->feed = 32768;
}

/* A step in 1/65536 of a weight's unit, with what was carried. */
SHARED int16_t learned_whole(learned *own, int32_t step) {
    int32_t sum = step + own->carried;
    own->carried = (uint16_t)sum;
    return (int16_t)(sum >> 16);
}

SHARED void learned_nudge(learned *own, int8_t *weight, int32_t step) {
    *weight = saturate_i8((int16_t)(*weight + learned_whole(own, step)), 127);
}

SHARED void learned_gain(learned *own, uint8_t node, int8_t slope, int16_t known) {
    int16_t step = (int16_t)(slope * known);
    int16_t gain = (int16_t)(own->gain[node] + learned_whole(own, (int32_t)step * GAIN_STEP));
    own->gain[node] = gain < 0 ? 0 : gain > 255 ? 255 : (uint8_t)gain;
}

/* The logit of a node's 1, in 1/256 nat, from what the prior says of it (known, within
 * PRIOR_LIMIT) and all that is learned. */
static inline int16_t learned_logit(const learned *own, const prior *seen, uint8_t node,
                                    int16_t known, const int8_t *follow, const int8_t *column,
                                    const state_i16 *boost, uint8_t guess_bit) {
    uint8_t size = (uint8_t)(known < 0 ? -known : known);
    int16_t believed = (int16_t)((uint16_t)size * own->gain[node] / 8);
    int32_t z = (known < 0 ? -believed : believed) + *follow * 8;
    if (node < READOUTS) {
        z += dot_i8(own->readout[node], seen->hidden, HIDDEN, HIDDEN_BITS, DOT_CHUNK(HIDDEN_MAX)) >>
             1;
    }
    if (node == TREE_LINE_END_NODE) {
        z += *column * 16;
    }
    if (boost) {
        z += guess_bit ? *boost >> 4 : -(*boost >> 4);
    }
    return (int16_t)(z > LOGIT_MAX ? LOGIT_MAX : z < -LOGIT_MAX ? -LOGIT_MAX : z);
}

static inline int16_t learned_known(const prior *seen, uint8_t node) {
    int16_t known = prior_logit(seen, node);
    return known > PRIOR_LIMIT ? PRIOR_LIMIT : known < -PRIOR_LIMIT ? -PRIOR_LIMIT : known;
}

/* One decision at a node, with its place in `follow` and this column's in `column`; with a guess,
 * `boost` goes towards guess_bit. Returns the bit; *surprise grows by |g| Q12. */
SHARED uint8_t learned_decide(learned *own, coder *stream, const prior *seen, uint8_t node,
                              int8_t *follow, int8_t *column, state_i16 *boost, uint8_t guess_bit,
                              uint8_t bit, uint16_t *surprise) {
    int16_t known = learned_known(seen, node);
    uint16_t p = logistic(learned_logit(own, seen, node, known, follow, column, boost, guess_bit));
    bit = coder_bit(stream, p, bit);

    int16_t g = bit ? (int16_t)((uint16_t)(0 - p) >> 1) : (int16_t) - (int16_t)(p >> 1);
    *surprise += (uint16_t)(g < 0 ? -g : g) >> 3;
    learned_nudge(own, follow, g);
    int8_t slope = (int8_t)(((g >> 8) + 1) >> 1);
    if (slope != 0) {
        learned_gain(own, node, slope, known);
        if (node < READOUTS) {
            for (uint8_t j = 0; j < HIDDEN; j++) {
                uint8_t h = seen->hidden[j];
                if (h != 0) {
                    int16_t step = (int16_t)add_product_i8(0, slope, h, HIDDEN_BITS);
                    learned_nudge(own, &own->readout[node][j], (int32_t)step * READOUT_STEP);
                }
            }
        }
    }
    if (node == TREE_LINE_END_NODE) {
        learned_nudge(own, column, (int32_t)g * COLUMN_STEP);
    }
    if (boost) {
        *boost = saturate_i16(
            *boost + (((int32_t)(guess_bit ? g : -g) + (1 << (BOOST_SHIFT - 1))) >> BOOST_SHIFT),
            32000);
    }
    return bit;
}

#endif
