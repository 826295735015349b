/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two bits a weight, which choose one of four values that the layer shares.
 *
 *   weight[j][i] = book[index[j][i]]
 *   sum[j] = sum over e of book[e] * (sum of input[i] over all i with index[j][i] = e)
 *
 * bytes: the codebook (4,), int8; then the rows, four indices a byte, the first in the lowest bits.
 * A multiple of four inputs. A row costs an addition a weight, and four products.
 */
#ifndef CODEC_SHARED_H
#define CODEC_SHARED_H

#include "codec/rows.h"

typedef struct {
    codec_rows rows;
    IN_FLASH uint8_t *book;
} shared_rows;

KERNEL void shared_open(shared_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                        uint8_t inputs) {
    codec_open(&rows->rows, bytes + 4, input, inputs);
    rows->book = bytes;
}

/* Modulo 2^16; inputs up to 255 * 31, so that an int of 32 bits holds the product. */
KERNEL uint16_t shared_product(uint8_t value, uint16_t inputs) {
    return (uint16_t)((uint16_t)(int8_t)value * inputs);
}

CODEC_BODY int16_t shared_row(shared_rows *rows) {
    IN_FLASH uint8_t *weight = rows->rows.weight;
    const uint8_t *input = rows->rows.input;
    uint16_t of0 = 0, of1 = 0, of2 = 0, of3 = 0;
    uint8_t left = rows->rows.inputs / 4;
    do {
        KEEP_COUNTER(left);
        uint8_t four = codec_byte(&weight);
        uint8_t field = 4;
        do {
            KEEP_COUNTER(field);
            uint8_t x = fetch_u8(&input);
            if (four & 2) {
                if (four & 1) {
                    of3 = (uint16_t)(of3 + x);
                } else {
                    of2 = (uint16_t)(of2 + x);
                }
            } else if (four & 1) {
                of1 = (uint16_t)(of1 + x);
            } else {
                of0 = (uint16_t)(of0 + x);
            }
            four >>= 2;
        } while (--field != 0);
    } while (--left != 0);
    rows->rows.weight = weight;
    IN_FLASH uint8_t *book = rows->book;
    uint16_t sum = shared_product(codec_byte(&book), of0);
    sum = (uint16_t)(sum + shared_product(codec_byte(&book), of1));
    sum = (uint16_t)(sum + shared_product(codec_byte(&book), of2));
    sum = (uint16_t)(sum + shared_product(codec_byte(&book), of3));
    return (int16_t)sum;
}

#endif
