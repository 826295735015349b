/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the linear rules share: the input with its constant 1, and its product with weights.
 *
 *   x (LINEAR_TERMS,) = (input - 128 for each input, AFFINE_ONE), Q7: -1..127/128
 *
 * The constant is 1/2 and not 1: a boundary that lies off the middle is then learnt half as fast as
 * its direction, which suits inputs that are spread evenly (docs/tasks.md).
 * The config states LINEAR_INPUTS.
 */
#ifndef ONLINE_AFFINE_H
#define ONLINE_AFFINE_H

#include <stdint.h>

#include "fixed/kernel.h"

#define LINEAR_TERMS (LINEAR_INPUTS + 1)
#define AFFINE_ONE 64

_Static_assert(LINEAR_TERMS * 32768LL * 128 <= INT32_MAX,
               "a sum of full-scale 16-bit weights and inputs must fit 32 bits");

/* An input 0..255 as Q7. */
KERNEL int8_t affine_input(uint8_t input) {
    return (int8_t)(input - 128);
}

/* sum over i of weight[i] * x[i]; weight, x (LINEAR_TERMS,). */
KERNEL int32_t affine_product(const int16_t *weight, const int8_t *x) {
    int32_t sum = 0;
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        sum += (int32_t)weight[i] * x[i];
    }
    return sum;
}

#endif
