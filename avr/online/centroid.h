/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearer of two class means.
 *
 *   n[c] <- n[c] + 1,  m[c] <- m[c] + (x - m[c]) / n[c]
 *   score = |x - m[0]|^2 - |x - m[1]|^2
 *
 * The sum of t * x of Hebb's rule for two classes, t = +1 and -1, points from the one mean to the
 * other; the means keep the threshold too. n stays at 255: from there on the mean is that of about
 * the last 255 samples. A class that was never seen has its mean in the middle.
 * x: Q7. m: Q14. score: Q18.
 */
#ifndef ONLINE_CENTROID_H
#define ONLINE_CENTROID_H

#include "online/affine.h"

typedef struct {
    int16_t mean[2][LINEAR_INPUTS]; /* Q14, a row a class */
    uint8_t count[2];
} linear_model;

_Static_assert(LINEAR_INPUTS * 1023LL * 1023 <= INT32_MAX, "a squared distance must fit 32 bits");

KERNEL void linear_reset(linear_model *model) {
    *model = (linear_model){0};
}

/* |x - mean of a class|^2 in Q18, by differences in Q9. */
KERNEL int32_t centroid_distance(const linear_model *model, const int8_t *x, uint8_t class) {
    int32_t distance = 0;
    for (uint8_t i = 0; i < LINEAR_INPUTS; i++) {
        int16_t difference = (int16_t)(x[i] * 4 - (model->mean[class][i] >> 5));
        distance += (int32_t)difference * difference;
    }
    return distance;
}

/* Class 1 where it is not negative. x (LINEAR_TERMS,), the constant is not used. */
KERNEL int32_t linear_score(const linear_model *model, const int8_t *x) {
    return centroid_distance(model, x, 0) - centroid_distance(model, x, 1);
}

KERNEL void linear_learn(linear_model *model, const int8_t *x, uint8_t label) {
    if (model->count[label] < UINT8_MAX) {
        model->count[label]++;
    }
    for (uint8_t i = 0; i < LINEAR_INPUTS; i++) {
        int16_t *mean = &model->mean[label][i];
        int16_t away = (int16_t)((uint16_t)(x[i] * 128) - (uint16_t)*mean);
        *mean = (int16_t)(*mean + away / model->count[label]);
    }
}

#endif
