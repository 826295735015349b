/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A decision stump as a linear rule: a threshold on one input, the one that has been right most.
 *
 *   v[i]       = (x[i] + 128) / 2, a feature of stump.h
 *   mean[i][c] <- mean[i][c] + (v[i] - mean[i][c]) / 2^k       c the label
 *   d[i]       = |v[i] - mean[i][0]| - |v[i] - mean[i][1]|     class 1 where it is not negative
 *   wrong[i]   <- wrong[i] + ([d[i] spoke for the other class] - wrong[i]) / 32
 *   score      = d[i] of the smallest wrong[i], of equals the first
 *
 * k = floor(log2(n + 1)) up to BEST_STUMP_RATE_SHIFT for the n-th sample of a class, counted from
 * 0: at first the plain mean, later that of some 2^k samples. A class that was never seen has its
 * means in the middle.
 * x: Q7. mean, d: Q8. wrong: Q8, 1 is 255.
 *
 * Source: W. Iba, P. Langley, Induction of one-level decision trees, ICML 1992.
 */
#ifndef ONLINE_BEST_STUMP_H
#define ONLINE_BEST_STUMP_H

#include "online/affine.h"
#include "online/stump.h"

#define BEST_STUMP_WRONG_SHIFT 5
#define BEST_STUMP_SEEN_MAX ((1 << BEST_STUMP_RATE_SHIFT) - 1)
#define BEST_STUMP_MIDDLE ((STUMP_INPUT_MAX + 1) << 7)

typedef struct {
    int16_t mean[LINEAR_INPUTS][2];
    uint8_t seen[2]; /* samples of a class, held at BEST_STUMP_SEEN_MAX */
    uint8_t wrong[LINEAR_INPUTS];
} linear_model;

_Static_assert(BEST_STUMP_RATE_SHIFT <= 7, "a count must fit a byte");

KERNEL void linear_reset(linear_model *model) {
    *model = (linear_model){0};
    for (uint8_t i = 0; i < LINEAR_INPUTS; i++) {
        model->mean[i][0] = BEST_STUMP_MIDDLE;
        model->mean[i][1] = BEST_STUMP_MIDDLE;
    }
}

KERNEL uint8_t best_stump_feature(int8_t x) {
    return (uint8_t)(x + 128) >> 1;
}

/* d of one input, by its mean (classes,). */
KERNEL int16_t best_stump_difference(const int16_t *mean, int8_t x) {
    uint8_t v = best_stump_feature(x);
    return (int16_t)(stump_distance(mean[0], v) - stump_distance(mean[1], v));
}

/* Class 1 where it is not negative. x (LINEAR_TERMS,), the constant is not used. */
KERNEL int32_t linear_score(const linear_model *model, const int8_t *x) {
    uint8_t best = 0;
    for (uint8_t i = 1; i < LINEAR_INPUTS; i++) {
        if (model->wrong[i] < model->wrong[best]) {
            best = i;
        }
    }
    return best_stump_difference(model->mean[best], x[best]);
}

KERNEL void linear_learn(linear_model *model, const int8_t *x, uint8_t label) {
    uint8_t shift = 0;
    for (uint8_t count = model->seen[label] + 1; count > 1; count >>= 1) {
        shift++;
    }
    if (model->seen[label] < BEST_STUMP_SEEN_MAX) {
        model->seen[label]++;
    }
    for (uint8_t i = 0; i < LINEAR_INPUTS; i++) {
        uint8_t answer = best_stump_difference(model->mean[i], x[i]) >= 0;
        int16_t wrong = answer != label ? UINT8_MAX : 0;
        model->wrong[i] += (int8_t)((wrong - model->wrong[i]) >> BEST_STUMP_WRONG_SHIFT);
        stump_update(&model->mean[i][label], best_stump_feature(x[i]), shift, 1);
    }
}

#endif
