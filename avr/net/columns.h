/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers of ten outputs whose weights stand input by input: weight (inputs, COLUMNS).
 *
 * All outputs take an input at once. Where a chip has registers for ten sums, the input is loaded
 * and looked at once for ten products, and half of the inputs of a digit are 0: so columns_sum and
 * columns_score on the chip are columns.S. The C, NAME_c, is their specification, and what the host
 * runs.
 */
#ifndef NET_COLUMNS_H
#define NET_COLUMNS_H

#include <stdint.h>

#include "fixed/dot.h"
#include "net/sgd.h"

#define COLUMNS 10

/* sums[c] = sum over the inputs i of a window of weight[i][c] * input[i], modulo 2^16.
 *
 * sums (COLUMNS,). The window has `rows` rows of `run` inputs, with `gap` others between two rows.
 * The caller asserts that no true sum leaves int16. */
SHARED void columns_sum_c(uint16_t *sums, const int8_t *weight, const uint8_t *input, uint8_t rows,
                          uint8_t run, uint8_t gap, uint8_t bits) {
    for (uint8_t c = COLUMNS; c != 0; c--) {
        const int8_t *w = weight++;
        const uint8_t *x = input;
        uint16_t sum = 0;
        for (uint8_t r = rows; r != 0; r--) {
            for (uint8_t k = run; k != 0; k--) {
                uint8_t value = fetch_u8(&x);
                if (value != 0) {
                    sum = add_product_i8(sum, *w, value, bits);
                }
                w += COLUMNS;
            }
            x += gap;
        }
        *sums++ = sum;
    }
}

/* scores[c] = floor(sum over i of weight[i][c] * input[i] / 2^shift).
 *
 * scores (COLUMNS,), input (inputs,). The true sums fit 24 bits, the scores 16: DENSE_FITS. */
SHARED void columns_score_c(int16_t *scores, const int8_t *weight, const uint8_t *input,
                            uint8_t inputs, uint8_t shift, uint8_t bits) {
    for (uint8_t c = COLUMNS; c != 0; c--) {
        const int8_t *w = weight++;
        const uint8_t *x = input;
        int32_t sum = 0;
        for (uint8_t i = inputs; i != 0; i--) {
            uint8_t value = fetch_u8(&x);
            if (value != 0) {
                sum += (int16_t)add_product_i8(0, *w, value, bits);
            }
            w += COLUMNS;
        }
        *scores++ = (int16_t)(sum >> shift);
    }
}

#ifdef __AVR__
void columns_sum(uint16_t *sums, const int8_t *weight, const uint8_t *input, uint8_t rows,
                 uint8_t run, uint8_t gap, uint8_t bits);
void columns_score(int16_t *scores, const int8_t *weight, const uint8_t *input, uint8_t inputs,
                   uint8_t shift, uint8_t bits);
#else
#define columns_sum columns_sum_c
#define columns_score columns_score_c
#endif

/* A step down the gradient of the margin loss, as margin_step of net/dense.h: label and rival are
 * columns, input (inputs,) counts 256 times. */
KERNEL void columns_margin_step(int8_t *label, int8_t *rival, const uint8_t *input, uint8_t inputs,
                                const step_size *step, uint16_t *noise, int8_t limit) {
    for (; inputs != 0; inputs--, label += COLUMNS, rival += COLUMNS) {
        KEEP_COUNTER(inputs);
        int16_t gradient = (int16_t)(fetch_u8(&input) * 256);
        if (gradient != 0) {
            sgd_i8(label, (int16_t)-gradient, step, noise, limit);
            sgd_i8(rival, gradient, step, noise, limit);
        }
    }
}

#endif
