/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two bytes a weight, low byte first, 8 bits of them a fraction.
 *
 *   sum[j] = floor(sum over i of weight[j][i] * input[i] / 2^8)
 */
#ifndef CODEC_INT16_H
#define CODEC_INT16_H

#include "codec/rows.h"

typedef codec_rows int16_rows;
#define int16_open codec_open

/* The high bytes are summed as int8 has them; the low ones of 255 inputs fit 24 bits. */
CODEC_BODY int16_t int16_row(int16_rows *rows) {
    IN_FLASH uint8_t *weight = rows->weight;
    const uint8_t *input = rows->input;
    uint16_t high = 0;
    uint32_t low = 0;
    uint8_t left = rows->inputs;
    do {
        KEEP_COUNTER(left);
        uint8_t x = fetch_u8(&input);
        low += (uint16_t)((uint16_t)codec_byte(&weight) * x);
        high = codec_add(high, (int8_t)codec_byte(&weight), x);
    } while (--left != 0);
    rows->weight = weight;
    return (int16_t)(high + (uint16_t)(low >> 8));
}

#endif
