/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One block of 8 x 16 weights, applied to the quarters of the image and then to its own output.
 *
 *   seen[p] of level 0      quarter p of the image (8, 8), row by row
 *   seen[p] of level l > 0  (part[p], part[(p + 1) mod 4]) of the level below
 *   sum[8 p + c] = sum over i of block[c][i] * seen[p][i] + block[c][16] * 16
 *   part[p][c]   = floor(sum / 2^FRACTAL_SHIFT), held in 0..31
 *
 * FRACTAL_LEVELS levels; the sums of the last one are the rows of the layer, 32 of 64 inputs.
 * bytes: block (8, 17), int8.
 */
#ifndef CODEC_FRACTAL_H
#define CODEC_FRACTAL_H

#include "codec/rows.h"
#include "fixed/saturate.h"

#define FRACTAL_CHANNELS 8
#define FRACTAL_WIDTH (2 * FRACTAL_CHANNELS)
#define FRACTAL_PLACES 4
#define FRACTAL_ONE 16
#define FRACTAL_CEILING 31

_Static_assert(FRACTAL_LEVELS >= 2, "applied once, a block is a convolution");

typedef struct {
    IN_FLASH uint8_t *block, *row; /* row: the next one's bytes */
    uint8_t part[FRACTAL_PLACES][FRACTAL_CHANNELS];
    uint8_t seen[FRACTAL_WIDTH];
    uint8_t place, channel; /* of the next row */
} fractal_rows;

/* The two neighbours of the level below, for the block at one place. */
static void fractal_see_parts(fractal_rows *rows, uint8_t place) {
    for (uint8_t c = 0; c < FRACTAL_CHANNELS; c++) {
        rows->seen[c] = rows->part[place][c];
        rows->seen[c + FRACTAL_CHANNELS] = rows->part[(place + 1) % FRACTAL_PLACES][c];
    }
}

static void fractal_see_quarter(fractal_rows *rows, const uint8_t *image, uint8_t place) {
    image += (place & 1) * 4 + (place & 2) * 16;
    for (uint8_t i = 0; i < FRACTAL_WIDTH; i++) {
        rows->seen[i] = *image++;
        if (i % 4 == 3) {
            image += 4;
        }
    }
}

/* The block's next row. */
SHARED int16_t fractal_sum(fractal_rows *rows) {
    IN_FLASH uint8_t *weight = rows->row;
    const uint8_t *input = rows->seen;
    uint16_t sum = 0;
    uint8_t left = FRACTAL_WIDTH;
    do {
        KEEP_COUNTER(left);
        uint8_t x = fetch_u8(&input);
        sum = codec_add(sum, (int8_t)codec_byte(&weight), x);
    } while (--left != 0);
    sum = (uint16_t)(sum + (uint16_t)((int8_t)codec_byte(&weight) * FRACTAL_ONE));
    rows->row = weight;
    return (int16_t)sum;
}

SHARED void fractal_open(fractal_rows *rows, IN_FLASH uint8_t *bytes, const uint8_t *input,
                         uint8_t inputs) {
    (void)inputs;
    rows->block = bytes;
    for (uint8_t level = 0; level < FRACTAL_LEVELS - 1; level++) {
        uint8_t out[FRACTAL_PLACES][FRACTAL_CHANNELS];
        for (uint8_t place = 0; place < FRACTAL_PLACES; place++) {
            if (level == 0) {
                fractal_see_quarter(rows, input, place);
            } else {
                fractal_see_parts(rows, place);
            }
            rows->row = bytes;
            for (uint8_t c = 0; c < FRACTAL_CHANNELS; c++) {
                out[place][c] = saturate_u8(fractal_sum(rows) >> FRACTAL_SHIFT, FRACTAL_CEILING);
            }
        }
        for (uint8_t place = 0; place < FRACTAL_PLACES; place++) {
            for (uint8_t c = 0; c < FRACTAL_CHANNELS; c++) {
                rows->part[place][c] = out[place][c];
            }
        }
    }
    rows->place = 0;
    rows->channel = 0;
}

SHARED int16_t fractal_row(fractal_rows *rows) {
    if (rows->channel == 0) {
        fractal_see_parts(rows, rows->place);
        rows->place++;
        rows->row = rows->block;
        rows->channel = FRACTAL_CHANNELS;
    }
    rows->channel--;
    return fractal_sum(rows);
}

#endif
