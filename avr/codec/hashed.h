/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few int8 buckets that all weights of a layer share by chance.
 *
 *   weight[j][i] = sign * bucket[index]
 *
 * index and sign are the low bits and bit 15 of the weight's hash: the state of xorshift16 after as
 * many steps from 1 as there are weights up to and with it, row by row.
 * bytes: the mask of the index, the number of buckets less 1; then the buckets.
 */
#ifndef CODEC_HASHED_H
#define CODEC_HASHED_H

#include "codec/rows.h"
#include "fixed/noise.h"

typedef struct {
    codec_rows rows; /* its weight: the buckets */
    uint16_t hash;
    uint8_t mask;
} hashed_rows;

KERNEL void hashed_open(hashed_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                        uint8_t inputs) {
    codec_open(&rows->rows, bytes + 1, input, inputs);
    rows->hash = 1;
    rows->mask = *bytes;
}

CODEC_BODY int16_t hashed_row(hashed_rows *rows) {
    IN_FLASH uint8_t *bucket = rows->rows.weight;
    const uint8_t *input = rows->rows.input;
    const uint8_t mask = rows->mask;
    uint16_t hash = rows->hash;
    uint16_t sum = 0;
    for (uint8_t left = rows->rows.inputs; left != 0; left--) {
        KEEP_COUNTER(left);
        noise_next(&hash);
        uint8_t x = fetch_u8(&input);
        int8_t weight = (int8_t)bucket[(uint8_t)hash & mask];
        if (hash & 0x8000) {
            weight = (int8_t)-weight;
        }
        sum = codec_add(sum, weight, x);
    }
    rows->hash = hash;
    return (int16_t)sum;
}

#endif
