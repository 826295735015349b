/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many weak learners as one: what a member's word weighs, and how online boosting weighs a sample.
 *
 *   right, wrong       uint16 Q4, the weights of the samples a member was right or wrong on
 *   weight of a word   log2(right / wrong) + log2(classes - 1), not below 0
 *   weight of a sample 1 for the first member; after each
 *                        * (right + wrong) / (2 right)  where that one was right
 *                        * (right + wrong) / (2 wrong)  where it was wrong
 *
 * so that each member learns most from what those before it could not do. The weight of a sample
 * is kept as its logarithm, which turns products and quotients into sums.
 *
 * Source: Oza, Russell, Online bagging and boosting, AISTATS 2001; the weight of a word for more
 * than two classes: Zhu et al., Multi-class AdaBoost, Statistics and Its Interface 2 (2009).
 */
#ifndef ONLINE_ENSEMBLE_H
#define ONLINE_ENSEMBLE_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/log2.h"
#include "fixed/noise.h"

typedef struct {
    uint16_t right, wrong;
} tally;

/* Where the sum of both is reached, both are halved: old samples fade. */
#define TALLY_MAX 0x7FFF
#define SAMPLE_WEIGHT_ONE 16 /* Q4 */
/* The logarithm of a sample's weight, Q8: 1/16..16. */
#define SAMPLE_WEIGHT_LOG_MAX 1024

/* One sample each, so that no quotient is by 0. */
static inline void tally_start(tally *of) {
    of->right = SAMPLE_WEIGHT_ONE;
    of->wrong = SAMPLE_WEIGHT_ONE;
}

/* weight Q4. */
SHARED void tally_add(tally *of, uint8_t right, uint16_t weight) {
    if (right) {
        of->right += weight;
    } else {
        of->wrong += weight;
    }
    if ((uint16_t)(of->right + of->wrong) > TALLY_MAX) {
        of->right >>= 1;
        of->wrong >>= 1;
    }
}

/* Weight of a member's word, Q4, 0..255. classes >= 2. */
SHARED uint8_t word_weight(const tally *of, uint8_t classes) {
    int16_t weight = (int16_t)(log2_q8(of->right) - log2_q8(of->wrong) + log2_q8(classes - 1));
    if (weight < 0) {
        return 0;
    }
    return weight >> 4 > UINT8_MAX ? UINT8_MAX : (uint8_t)(weight >> 4);
}

/* The logarithm of a sample's weight, Q8, after a member. */
SHARED int16_t sample_weight_after(int16_t logarithm, const tally *of, uint8_t right) {
    uint16_t part = right ? of->right : of->wrong;
    int16_t after = (int16_t)(log2_q8((uint16_t)(of->right + of->wrong)) - 256 - log2_q8(part));
    after = (int16_t)(after + logarithm);
    if (after > SAMPLE_WEIGHT_LOG_MAX) {
        return SAMPLE_WEIGHT_LOG_MAX;
    }
    return after < -SAMPLE_WEIGHT_LOG_MAX ? -SAMPLE_WEIGHT_LOG_MAX : after;
}

/* A weight Q4 as a number of times, right on the average: floor(weight + noise). 0..17. */
static inline uint8_t sample_times(uint16_t weight, uint16_t *noise) {
    return (uint8_t)((uint16_t)(weight + (noise_next(noise) & (SAMPLE_WEIGHT_ONE - 1))) >> 4);
}

#endif
