/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weights that are not 0, -7..7, as a list for each row: a count, then a byte each: in the low
 * half how many inputs to skip, in the high half the weight of the next one. */
#ifndef CODEC_SPARSE_H
#define CODEC_SPARSE_H

#include "codec/rows.h"

typedef codec_rows sparse_rows;
#define sparse_open codec_open

CODEC_BODY int16_t sparse_row(sparse_rows *rows) {
    IN_FLASH uint8_t *weight = rows->weight;
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    uint8_t left = codec_byte(&weight);
    if (left != 0) {
        do {
            KEEP_COUNTER(left);
            uint8_t entry = codec_byte(&weight);
            input += entry & 15;
            sum = codec_add(sum, low_half(entry >> 4), fetch_u8(&input));
        } while (--left != 0);
    }
    rows->weight = weight;
    return (int16_t)sum;
}

#endif
