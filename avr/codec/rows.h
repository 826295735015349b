/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in flash, and where a layer is while its rows are read from there one by one.
 *
 *   weight (rows, inputs)  integers, in the form that the codec's header describes
 *   input  (inputs,)       of CODEC_INPUT_BITS
 *   sum[j] = sum over i of weight[j][i] * input[i], modulo 2^16
 *
 * The host refuses weights with which a true sum may leave int16, so no sum wraps.
 */
#ifndef CODEC_ROWS_H
#define CODEC_ROWS_H

#include <stdint.h>

#include "fixed/dot.h"
#include "fixed/fetch.h"
#include "fixed/flash.h"
#include "fixed/kernel.h"

#ifndef CODEC_INPUT_BITS
#define CODEC_INPUT_BITS 5 /* 0..31 */
#endif

/* A body of a codec: shared by the layers of an image, or inlined, where each layer has its own. */
#ifndef CODEC_BODY
#define CODEC_BODY SHARED
#endif

/* Returns *pointer and moves the pointer on. */
KERNEL uint8_t codec_byte(IN_FLASH uint8_t **pointer) {
#ifdef __AVR__
    /* avr-gcc 5.4 copies the pointer and adds to the copy. */
    uint8_t value;
    __asm__ volatile("lpm %0, Z+" : FETCHED(value), "+z"(*pointer));
    return value;
#else
    return *(*pointer)++;
#endif
}

typedef struct {
    IN_FLASH uint8_t *weight; /* the next row's bytes */
    const uint8_t *input;
    uint8_t inputs;
} codec_rows;

KERNEL void codec_open(codec_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                       uint8_t inputs) {
    rows->weight = bytes;
    rows->input = input;
    rows->inputs = inputs;
}

/* The bias of the next row, where it lies before the row's bytes: int16, low byte first. */
KERNEL uint16_t codec_bias(codec_rows *rows) {
    uint8_t low = codec_byte(&rows->weight);
    return (uint16_t)(low | (uint16_t)codec_byte(&rows->weight) << 8);
}

/* The low half of a byte, two's complement. */
KERNEL int8_t low_half(uint8_t byte) {
    return (int8_t)(((byte & 15) ^ 8) - 8);
}

/* sum + weight * input; without MUL an input of 0, every second pixel, costs one comparison. */
KERNEL uint16_t codec_add(uint16_t sum, int8_t weight, uint8_t input) {
    if (FIXED_HAS_MUL || input != 0) {
        sum = add_product_i8(sum, weight, input, CODEC_INPUT_BITS);
    }
    return sum;
}

#endif
