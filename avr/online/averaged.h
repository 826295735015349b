/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The averaged perceptron: it steps as the perceptron does, and answers by the sum of the weights
 * that it had after every step, which a last wrong label cannot turn over.
 *
 *   sum[i] <- sum[i] + w[i]
 *
 * Only the sums' proportions count, so all are halved when one is beyond AVERAGED_FULL; what came
 * before then weighs half.
 * w, sum: Q7.
 *
 * Source: Y. Freund, R. Schapire, Large Margin Classification Using the Perceptron Algorithm,
 * Machine Learning 37 (1999).
 */
#ifndef ONLINE_AVERAGED_H
#define ONLINE_AVERAGED_H

#include "online/perceptron_step.h"

#define AVERAGED_FULL (1L << 22)

/* Packed to the chip's layout, which has no padding. */
typedef struct __attribute__((packed, aligned(2))) {
    int16_t weight[LINEAR_TERMS];
    int32_t sum[LINEAR_TERMS];
} linear_model;

_Static_assert((AVERAGED_FULL + 32768LL) * 128 * LINEAR_TERMS <= INT32_MAX,
               "a sum of products with x must fit 32 bits");

KERNEL void linear_reset(linear_model *model) {
    *model = (linear_model){0};
}

/* Q14 times the steps; class 1 where it is not negative. x (LINEAR_TERMS,). */
KERNEL int32_t linear_score(const linear_model *model, const int8_t *x) {
    uint32_t score = 0; /* sums from elsewhere wrap */
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        score += (uint32_t)model->sum[i] * (uint32_t)(int32_t)x[i];
    }
    return (int32_t)score;
}

KERNEL void linear_learn(linear_model *model, const int8_t *x, uint8_t label) {
    perceptron_step(model->weight, x, label);
    uint8_t is_full = 0;
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        int32_t sum = (int32_t)((uint32_t)model->sum[i] + (uint32_t)(int32_t)model->weight[i]);
        model->sum[i] = sum;
        if (sum >= AVERAGED_FULL || sum < -AVERAGED_FULL) {
            is_full = 1;
        }
    }
    for (uint8_t i = 0; is_full && i < LINEAR_TERMS; i++) {
        model->sum[i] >>= 1;
    }
}

#endif
