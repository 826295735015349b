/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights that a small hyper-network makes from the place of the pixel, x = i mod 8, y = i / 8.
 *
 *   phase[m] = along[m] * x + down[m] * y + start[m]     modulo 256, as a signed byte
 *   wide[m]  = floor((|phase| - 64) / 2)                 -32..32, a triangle wave
 *   the rest as codec/factors.h, with `tall` as the embedding of the row
 *
 * From pixel to pixel a phase moves on by an addition. bytes: along, down, start of each wave, then
 * tall. A multiple of eight inputs.
 */
#ifndef CODEC_GENERATED_H
#define CODEC_GENERATED_H

#include "codec/factors.h"

#define GENERATED_SIDE 8

typedef struct {
    IN_FLASH uint8_t *tall;
    int8_t part[GENERATED_WAVES];
} generated_rows;

KERNEL int8_t triangle(uint8_t phase) {
    uint8_t size = phase & 0x80 ? (uint8_t)(0 - phase) : phase;
    return (int8_t)((int8_t)(size - 64) >> 1);
}

SHARED void generated_open(generated_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                           uint8_t inputs) {
    for (uint8_t m = 0; m < GENERATED_WAVES; m++) {
        const uint8_t along = codec_byte(&bytes);
        const uint8_t down = codec_byte(&bytes);
        uint8_t row_phase = codec_byte(&bytes);
        const uint8_t *at = input;
        uint16_t sum = 0;
        for (uint8_t left = inputs; left != 0; left = (uint8_t)(left - GENERATED_SIDE)) {
            uint8_t phase = row_phase;
            uint8_t column = GENERATED_SIDE;
            do {
                KEEP_COUNTER(column);
                sum = codec_add(sum, triangle(phase), fetch_u8(&at));
                phase = (uint8_t)(phase + along);
            } while (--column != 0);
            row_phase = (uint8_t)(row_phase + down);
        }
        rows->part[m] = factors_part(sum, GENERATED_SHIFT);
    }
    rows->tall = bytes;
}

KERNEL int16_t generated_row(generated_rows *rows) {
    return factors_row(&rows->tall, rows->part, GENERATED_WAVES);
}

#endif
