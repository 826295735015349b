/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fully connected layers, forward and backward.
 *
 *   weight (outputs, inputs)   row-major; a bias is the weight of a last input that is constant
 *   input  (inputs,)           0..input_max
 */
#ifndef NET_DENSE_H
#define NET_DENSE_H

#include <stdint.h>

#include "fixed/dot.h"
#include "net/loss.h"
#include "net/sgd.h"

/* Is a sum over `inputs` products of full scale, divided by 2^shift, a score (net/loss.h)? */
#define DENSE_FITS(inputs, input_max, shift)                                                       \
    ((inputs)*128L * (input_max) <= (long)SCORE_MAX << (shift))

/* The largest weight with which a bias and `inputs` products of full scale fit in 16 bits. */
#define DENSE_LIMIT(inputs, input_max)                                                             \
    (INT16_MAX / (((inputs) + 1) * (input_max)) > INT8_MAX                                         \
         ? INT8_MAX                                                                                \
         : INT16_MAX / (((inputs) + 1) * (input_max)))

/* sum over i of weight[i] * input[i] + weight[inputs] * one, modulo 2^16: one row, its bias last.
 * Weights within DENSE_LIMIT; `one` is the input that the bias sees, at most input_max. */
KERNEL int16_t dense_sum(const int8_t *weight, const uint8_t *input, uint8_t inputs, uint8_t one,
                         uint8_t bits) {
    uint16_t sum = 0;
    for (; inputs != 0; inputs--) {
        uint8_t x = fetch_u8(&input);
        sum = add_product_i8(sum, fetch_i8(&weight), x, bits);
    }
    return (int16_t)(sum + (uint16_t)(*weight * (int16_t)one));
}

/* A row's weights, a step down their gradient: delta * input[i], and delta * one for the bias.
 * delta = d loss / d sum; 128 * input_max + 2^14 <= 32767, so input_max <= 127. */
KERNEL void dense_backward(int8_t *weight, const uint8_t *input, uint8_t inputs, uint8_t one,
                           int8_t delta, const step_size *step, uint16_t *noise, int8_t limit) {
    for (; inputs != 0; inputs--) {
        sgd_i8(weight++, (int16_t)(delta * (int16_t)fetch_u8(&input)), step, noise, limit);
    }
    sgd_i8(weight, (int16_t)(delta * (int16_t)one), step, noise, limit);
}

/* score = floor(sum over i of weight[i] * input[i] / 2^shift), one row. DENSE_FITS. */
KERNEL int16_t dense_score(const int8_t *weight, const uint8_t *input, uint8_t inputs, uint8_t bits,
                           uint8_t chunk, uint8_t shift) {
    return (int16_t)(dot_i8(weight, input, inputs, bits, chunk) >> shift);
}

/* d loss / d input[i] of the margin loss, halved and floored so that it fits a byte:
 * (rival[i] - label[i]) / 2; rows of weights (inputs,). */
static inline int8_t margin_delta(int8_t label_weight, int8_t rival_weight) {
    return (int8_t)(((int16_t)rival_weight - label_weight) >> 1);
}

/* A step down the gradient of the margin loss, which is -input at the label and +input at the
 * rival. label, rival, input (inputs,). The input counts 256 times, so that one rule serves all
 * layers: step->shift 8..14, input * 256 + step->mask <= 32767. */
KERNEL void margin_step(int8_t *label, int8_t *rival, const uint8_t *input, uint8_t inputs,
                        const step_size *step, uint16_t *noise, int8_t limit) {
    for (; inputs != 0; inputs--, label++, rival++) {
        KEEP_COUNTER(inputs);
        int16_t gradient = (int16_t)(fetch_u8(&input) * 256);
        if (gradient != 0) {
            sgd_i8(label, (int16_t)-gradient, step, noise, limit);
            sgd_i8(rival, gradient, step, noise, limit);
        }
    }
}

#endif
