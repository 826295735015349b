/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perceptron with a margin. t = +1 for class 1, -1 for class 0:
 *
 *   score = sum over i of w[i] * x[i]
 *   t * score <= PERCEPTRON_MARGIN:  w[i] <- saturate(w[i] + t * x[i])
 *
 * A step down the gradient of max(0, margin - t * score) with a rate of 1; with a margin of 0 it is
 * Rosenblatt's rule.
 * w, x: Q7. score, PERCEPTRON_MARGIN: Q14.
 *
 * Source: F. Rosenblatt, The Perceptron, Psychological Review 65 (1958); with a margin: Duda, Hart,
 * Stork, Pattern Classification, 5.6.
 */
#ifndef ONLINE_PERCEPTRON_STEP_H
#define ONLINE_PERCEPTRON_STEP_H

#include "fixed/saturate.h"
#include "online/affine.h"

/* weight, x (LINEAR_TERMS,); label 0 or 1. */
KERNEL void perceptron_step(int16_t *weight, const int8_t *x, uint8_t label) {
    int32_t score = affine_product(weight, x);
    if ((label ? score : -score) > PERCEPTRON_MARGIN) {
        return;
    }
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        int8_t step = x[i];
        weight[i] = saturate_i16((int32_t)weight[i] + (label ? step : -step), INT16_MAX);
    }
}

#endif
