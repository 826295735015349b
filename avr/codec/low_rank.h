/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two stored factors (codec/factors.h), int8. bytes: wide (LOW_RANK, inputs), then tall. */
#ifndef CODEC_LOW_RANK_H
#define CODEC_LOW_RANK_H

#include "codec/factors.h"

typedef struct {
    IN_FLASH uint8_t *tall;
    int8_t part[LOW_RANK];
} low_rank_rows;

CODEC_BODY void low_rank_open(low_rank_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                              uint8_t inputs) {
    for (uint8_t m = 0; m < LOW_RANK; m++) {
        const uint8_t *at = input;
        uint16_t sum = 0;
        uint8_t left = inputs;
        do {
            KEEP_COUNTER(left);
            uint8_t x = fetch_u8(&at);
            sum = codec_add(sum, (int8_t)codec_byte(&bytes), x);
        } while (--left != 0);
        rows->part[m] = factors_part(sum, LOW_RANK_SHIFT);
    }
    rows->tall = bytes;
}

KERNEL int16_t low_rank_row(low_rank_rows *rows) {
    return factors_row(&rows->tall, rows->part, LOW_RANK);
}

#endif
