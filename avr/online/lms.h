/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least mean squares, the delta rule: t = +1 for class 1, -1 for class 0.
 *
 *   score = sum over i of w[i] * x[i]
 *   error = t - score, held in -2..2
 *   w[i] <- saturate(w[i] + rate * error * x[i]),  rate = 2^-LMS_RATE_SHIFT
 *
 * A step down the gradient of (t - score)^2 / 2.
 * x: Q7. w, score, error: Q12.
 *
 * Source: B. Widrow, M. Hoff, Adaptive Switching Circuits, IRE WESCON 1960.
 */
#ifndef ONLINE_LMS_H
#define ONLINE_LMS_H

#include "fixed/saturate.h"
#include "online/affine.h"

#define LMS_ONE 4096
#define LMS_ERROR_MAX (2 * LMS_ONE)

typedef struct {
    int16_t weight[LINEAR_TERMS]; /* Q12 */
} linear_model;

_Static_assert(LMS_RATE_SHIFT <= 8, "a smaller rate would never move a 16-bit weight");

KERNEL void linear_reset(linear_model *model) {
    *model = (linear_model){0};
}

/* Q19; class 1 where it is not negative. x (LINEAR_TERMS,). */
KERNEL int32_t linear_score(const linear_model *model, const int8_t *x) {
    return affine_product(model->weight, x);
}

KERNEL void linear_learn(linear_model *model, const int8_t *x, uint8_t label) {
    int16_t target = label ? LMS_ONE : -LMS_ONE;
    int16_t error = saturate_i16(target - (linear_score(model, x) >> 7), LMS_ERROR_MAX);
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        int32_t step = ((int32_t)error * x[i]) >> (7 + LMS_RATE_SHIFT);
        model->weight[i] = saturate_i16(model->weight[i] + step, INT16_MAX);
    }
}

#endif
