/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What perceptron.S keeps in SRAM: the model of online/averaged.h in 24-bit numbers, low byte
 * first, and the sample in hand. */
#ifndef KILOBYTE_PERCEPTRON_H
#define KILOBYTE_PERCEPTRON_H

#include <stdint.h>

typedef struct {
    uint8_t weight[3][3]; /* Q7 */
    uint8_t sum[3][3];    /* Q7; the first two of x, then the constant's */
    int8_t x[3];          /* Q7 */
} perceptron_memory;

extern perceptron_memory net;

#endif
