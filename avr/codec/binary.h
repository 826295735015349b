/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights -1 and 1, a bit each, and inputs as T signs of a bit each: eight products at once.
 *
 *   sign[t][i] = 1 where input[i] > threshold[t], else -1
 *   sum[j] = sum over t, i of weight[j][i] * sign[t][i]
 *          = T * inputs - 2 * (sum over t of popcount(weight[j] xor sign[t]))
 *
 * One threshold of 0 behind a rectifier is the sign activation.
 * bytes: T, 1..BINARY_THRESHOLDS; the thresholds; the rows, eight weights a byte, the first in bit
 * 0. A multiple of eight inputs, at most 64.
 */
#ifndef CODEC_BINARY_H
#define CODEC_BINARY_H

#include "codec/rows.h"

#define BINARY_BYTES_MAX 8

typedef struct {
    IN_FLASH uint8_t *weight;
    uint8_t bytes;      /* of a row */
    uint8_t thresholds; /* T */
    int16_t all;        /* T * inputs */
    uint8_t sign[BINARY_BYTES_MAX * BINARY_THRESHOLDS];
} binary_rows;

_Static_assert(BINARY_THRESHOLDS *BINARY_BYTES_MAX * 8 <= UINT16_MAX / 2, "a sum must fit 16 bits");

/* 1-bits of a byte: of pairs, of halves, of all. */
KERNEL uint8_t popcount(uint8_t bits) {
    bits = (uint8_t)(bits - ((bits >> 1) & 0x55));
    bits = (uint8_t)((bits & 0x33) + ((bits >> 2) & 0x33));
    return (uint8_t)((bits + (uint8_t)(bits << 4 | bits >> 4)) & 15);
}

CODEC_BODY void binary_open(binary_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                            uint8_t inputs) {
    uint8_t *sign = rows->sign;
    rows->bytes = inputs / 8;
    rows->thresholds = codec_byte(&bytes);
    rows->all = 0;
    for (uint8_t t = rows->thresholds; t != 0; t--) {
        const uint8_t threshold = codec_byte(&bytes);
        const uint8_t *at = input;
        for (uint8_t left = rows->bytes; left != 0; left--) {
            uint8_t bits = 0;
            uint8_t bit = 8;
            do {
                KEEP_COUNTER(bit);
                bits >>= 1;
                if (fetch_u8(&at) > threshold) {
                    bits |= 0x80;
                }
            } while (--bit != 0);
            *sign++ = bits;
        }
        rows->all = (int16_t)(rows->all + inputs);
    }
    rows->weight = bytes;
}

CODEC_BODY int16_t binary_row(binary_rows *rows) {
    const uint8_t *sign = rows->sign;
    IN_FLASH uint8_t *weight = rows->weight;
    uint16_t unequal = 0;
    for (uint8_t t = rows->thresholds; t != 0; t--) {
        weight = rows->weight;
        uint8_t left = rows->bytes;
        do {
            KEEP_COUNTER(left);
            unequal = (uint16_t)(unequal + popcount(codec_byte(&weight) ^ fetch_u8(&sign)));
        } while (--left != 0);
    }
    rows->weight = weight;
    return (int16_t)(rows->all - (int16_t)(2 * unequal));
}

#endif
