/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perceptron as a linear rule: it answers by the weights it has just stepped to. */
#ifndef ONLINE_PERCEPTRON_H
#define ONLINE_PERCEPTRON_H

#include "online/perceptron_step.h"

typedef struct {
    int16_t weight[LINEAR_TERMS]; /* Q7 */
} linear_model;

KERNEL void linear_reset(linear_model *model) {
    *model = (linear_model){0};
}

/* Q14; class 1 where it is not negative. x (LINEAR_TERMS,). */
KERNEL int32_t linear_score(const linear_model *model, const int8_t *x) {
    return affine_product(model->weight, x);
}

KERNEL void linear_learn(linear_model *model, const int8_t *x, uint8_t label) {
    perceptron_step(model->weight, x, label);
}

#endif
