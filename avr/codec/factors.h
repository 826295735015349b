/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights as a product of two matrices: what low rank and generated weights have in common.
 *
 *   part[m] = saturate(floor(sum over i of wide[m][i] * input[i] / 2^shift))   -127..127, once
 *   sum[j]  = sum over m of tall[j][m] * part[m]                               tall -127..127
 */
#ifndef CODEC_FACTORS_H
#define CODEC_FACTORS_H

#include "codec/rows.h"
#include "fixed/saturate.h"

KERNEL int8_t factors_part(uint16_t sum, uint8_t shift) {
    return saturate_i8((int16_t)sum >> shift, INT8_MAX);
}

/* The next row of `tall`; it moves on. part (parts,). */
CODEC_BODY int16_t factors_row(IN_FLASH uint8_t **tall, const int8_t *part, uint8_t parts) {
    IN_FLASH uint8_t *weight = *tall;
    uint16_t sum = 0;
    do {
        KEEP_COUNTER(parts);
        int8_t w = (int8_t)codec_byte(&weight);
        int8_t p = fetch_i8(&part);
        if (p < 0) {
            p = (int8_t)-p;
            w = (int8_t)-w;
        }
        sum = add_product_i8(sum, w, (uint8_t)p, 7);
    } while (--parts != 0);
    *tall = weight;
    return (int16_t)sum;
}

#endif
