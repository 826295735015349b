/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A byte a weight, -127..127. */
#ifndef CODEC_INT8_H
#define CODEC_INT8_H

#include "codec/rows.h"

typedef codec_rows int8_rows;
#define int8_open codec_open

CODEC_BODY int16_t int8_row(int8_rows *rows) {
    IN_FLASH uint8_t *weight = rows->weight;
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    uint8_t left = rows->inputs;
    do {
        KEEP_COUNTER(left);
        uint8_t x = fetch_u8(&input);
        sum = codec_add(sum, (int8_t)codec_byte(&weight), x);
    } while (--left != 0);
    rows->weight = weight;
    return (int16_t)sum;
}

#endif
