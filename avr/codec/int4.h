/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half a byte a weight, -7..7: two a byte, the first in the low half. An even number of inputs. */
#ifndef CODEC_INT4_H
#define CODEC_INT4_H

#include "codec/rows.h"

typedef codec_rows int4_rows;
#define int4_open codec_open

CODEC_BODY int16_t int4_row(int4_rows *rows) {
    IN_FLASH uint8_t *weight = rows->weight;
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    uint8_t left = rows->inputs / 2;
    do {
        KEEP_COUNTER(left);
        uint8_t two = codec_byte(&weight);
        sum = codec_add(sum, low_half(two), fetch_u8(&input));
        sum = codec_add(sum, low_half(two >> 4), fetch_u8(&input));
    } while (--left != 0);
    rows->weight = weight;
    return (int16_t)sum;
}

#endif
