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
#include "charlm/nudge.h"
#include "charlm/prior.h"
#include "charlm/tree.h"
#include "fixed/product.h"
#include "fixed/saturate.h"

#if !defined GUESSES || !defined FOLLOWS || !defined READOUTS
#error "the app's config says GUESSES, FOLLOWS (a power of two) and READOUTS (which may be 0)"
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
#define BOOST_MAX 32000
#define DOT_MAX 16383 /* what it cuts is beyond LOGIT_MAX, whatever else is added in 16 bits */
#define CONFIDENCES 3
#define DEPTHS 3

typedef struct {
    uint8_t gain[NODES];
    int8_t follow[FOLLOWS];
    int8_t readout[READOUTS][HIDDEN];
    int8_t column[COLUMNS];
    state_i16 boost[CONFIDENCES * DEPTHS]; /* by confidence, then by depth */
    state_u16 carried;                     /* what the last steps were too little for, in 1/65536 */
    uint8_t guess[GUESSES];                /* symbol, confidence << 6 */
} learned;

_Static_assert(64L * PRIOR_LIMIT <= 32767 && 64L * HIDDEN_MAX <= 32767, "see GAIN_STEP");
_Static_assert(255L * PRIOR_LIMIT / 8 + 127 * 8 + 127 * 16 + BOOST_MAX / 16 + DOT_MAX + 1 <= 32767,
               "a logit must fit 16 bits");
_Static_assert(DOT_MAX - 255L * PRIOR_LIMIT / 8 - 127 * 8 - 127 * 16 - BOOST_MAX / 16 > LOGIT_MAX,
               "what DOT_MAX cuts off must not matter");
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
    state_i16 *boost = own->boost;
    int16_t start = 2000;
    for (uint8_t c = CONFIDENCES; c > 0; c--) {
        KEEP_COUNTER(c);
        for (uint8_t d = DEPTHS; d > 0; d--) {
            KEEP_COUNTER(d);
            *boost++ = start;
        }
        start += 1200;
    }
}

/* Half the sum over j of weight[j] * unit[j], held in 15 bits; weight, unit (units,). */
SHARED int16_t learned_dot_c(const int8_t *weight, const uint8_t *unit, uint8_t units) {
    int32_t sum = 0;
    for (uint8_t j = 0; j < units; j++) {
        sum += (int16_t)(weight[j] * unit[j]);
    }
    sum >>= 1;
    return (int16_t)(sum > DOT_MAX ? DOT_MAX : sum < -DOT_MAX - 1 ? -DOT_MAX - 1 : sum);
}

/* A nudge of each weight of a readout by step / 32768 times its unit; weight, unit (units,). */
SHARED void learned_readout_c(int8_t *weight, const uint8_t *unit, uint8_t units, int16_t step,
                              state_u16 *carried) {
    for (uint8_t j = 0; j < units; j++) {
        int32_t nudge = (int32_t)step * 2 * unit[j];
        learned_nudge_c(&weight[j], (int8_t)(nudge >> 16), (uint16_t)nudge, carried);
    }
}

/* The step of a node's gain: slope times what the prior said, which is within PRIOR_LIMIT. */
SHARED void learned_gain_c(uint8_t *gain, int8_t slope, int16_t known, state_u16 *carried) {
    int16_t step = (int16_t)(slope * known);
    int8_t by = learned_whole(carried, (int8_t)(step >> 12), (uint16_t)(step * GAIN_STEP));
    int16_t moved = (int16_t)(*gain + by);
    *gain = moved < 0 ? 0 : moved > 255 ? 255 : (uint8_t)moved;
}

#ifdef __AVR__
void learned_readout(int8_t *weight, const uint8_t *unit, uint8_t units, int16_t step,
                     state_u16 *carried);
int16_t learned_dot(const int8_t *weight, const uint8_t *unit, uint8_t units);
void learned_gain(uint8_t *gain, int8_t slope, int16_t known, state_u16 *carried);
#else
#define learned_readout learned_readout_c
#define learned_dot learned_dot_c
#define learned_gain learned_gain_c
#endif

static inline int16_t learned_known(const prior *seen, uint8_t node) {
    int16_t known = prior_logit(seen, node);
    return known > PRIOR_LIMIT ? PRIOR_LIMIT : known < -PRIOR_LIMIT ? -PRIOR_LIMIT : known;
}

/* The logit of a node's 1, in 1/256 nat, from what the prior says of it (known, within PRIOR_LIMIT)
 * and all that is learned: the node's place in `follow`, this column's in `column`, and, with a
 * guess, `boost` towards guess_bit. */
static inline int16_t learned_logit(const learned *own, const prior *seen, uint8_t node,
                                    int16_t known, const int8_t *follow, const int8_t *column,
                                    const state_i16 *boost, uint8_t guess_bit) {
    uint8_t size = (uint8_t)(known < 0 ? -known : known);
    uint16_t believed = product_high((uint16_t)(size * 32u), own->gain[node]);
    int16_t z = (int16_t)((known < 0 ? -believed : believed) + (uint16_t)(*follow * 8));
    if (node + 1 <= READOUTS) {
        z = (int16_t)(z + learned_dot(own->readout[node], seen->hidden, HIDDEN));
    }
    if (node == TREE_LINE_END_NODE) {
        z = (int16_t)(z + *column * 16);
    }
    if (boost) {
        int16_t by = *boost >> 4;
        z = (int16_t)(guess_bit ? z + by : z - by);
    }
    return z > LOGIT_MAX ? LOGIT_MAX : z < -LOGIT_MAX ? -LOGIT_MAX : z;
}

/* Learns the bit that came at a node, where p / 65536 was its probability to be 1; *surprise grows
 * by |g| Q12. */
KERNEL void learned_learn(learned *own, const prior *seen, uint8_t node, int16_t known,
                          int8_t *follow, int8_t *column, state_i16 *boost, uint8_t guess_bit,
                          uint16_t p, uint8_t bit, uint16_t *surprise) {
    uint16_t missed = (bit ? (uint16_t)(0 - p) : p) >> 1;
    int16_t g = (int16_t)(bit ? missed : -missed);
    *surprise += missed >> 3;
    learned_nudge(follow, g < 0 ? -1 : 0, (uint16_t)g, &own->carried);
    int8_t upper = (int8_t)(g >> 8);
    int8_t slope = (int8_t)((upper >> 1) + (upper & 1));
    if (slope != 0) {
        learned_gain(&own->gain[node], slope, known, &own->carried);
        if (node + 1 <= READOUTS) {
            learned_readout(own->readout[node], seen->hidden, HIDDEN,
                            (int16_t)(slope * (READOUT_STEP / 2)), &own->carried);
        }
    }
    if (node == TREE_LINE_END_NODE) {
        learned_nudge(column, (int8_t)(g >> 14), (uint16_t)(g * COLUMN_STEP), &own->carried);
    }
    if (boost) {
        int16_t towards = guess_bit ? g : (int16_t)-g;
        int8_t by = (int8_t)(((int8_t)(towards >> 8) >> (BOOST_SHIFT - 9)) + 1) >> 1;
        int16_t moved = (int16_t)(*boost + by);
        *boost = moved > BOOST_MAX ? BOOST_MAX : moved < -BOOST_MAX ? -BOOST_MAX : moved;
    }
}

#endif
