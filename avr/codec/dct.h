/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of 8 x 8 pixels as the few coefficients of a cosine transform that are not 0.
 *
 *   pixel[y][x] = common[y][x] + (sum over v, u of c[v][u] * B[v][y] * B[u][x] + 32) / 64,
 *                 floored, held in 0..DCT_PIXEL_MAX
 *   c[v][u]     = level[v][u] * step[class(v) + class(u)]
 *
 * B is the integer transform of H.264, in sixteenths and eighths of a cosine's: additions and shifts
 * only. Its rows have three lengths, whose squares are 8, 9 1/32 and 5: the steps make up for that,
 * a byte for each pair of row lengths. `common` is what all images have in common.
 *
 * Levels come in zigzag order. A symbol is 16 * (zeros before the level) + (bits of its size, 1..7), 0 the
 * end of the image and DCT_ZEROS sixteen zeros; the size follows, where a level is negative less 1
 * and complemented, as in JPEG. The symbols are in a Huffman code.
 *
 * All sums are modulo 2^16: spoilt bytes give a spoilt image, and a level behind the last place ends
 * it.
 *
 * Sources: Malvar et al., Low-complexity transform and quantization in H.264/AVC, IEEE Trans. CSVT 13
 * (2003); ITU-T H.264, 8.5.13; ITU-T T.81, F.1.2.
 */
#ifndef CODEC_DCT_H
#define CODEC_DCT_H

#include <string.h>

#include "codec/huffman.h"
#include "fixed/saturate.h"

#define DCT_SIDE 8
#define DCT_PIXELS 64
#define DCT_STEPS 6
#define DCT_ZEROS 0xF0
#define DCT_SHIFT 6

typedef struct {
    tape tape;
    IN_FLASH uint8_t *code;
} dct_stream;

/* Where in the image the levels stand, v * 8 + u, in zigzag order. */
static IN_FLASH uint8_t dct_zigzag[DCT_PIXELS] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

/* Row lengths squared of 8, 9 1/32 and 5 are classes 0, 1 and 3: any two have a sum of their own. */
KERNEL uint8_t dct_class(uint8_t row) {
    return row & 1 ? 1 : row & 2 ? 3 : 0;
}

/* Of dct_class(v) + dct_class(u) 0, 1, 2, 3, 4 and 6. */
KERNEL uint8_t dct_step(IN_FLASH uint8_t *step, uint8_t place) {
    uint8_t both = (uint8_t)(dct_class(place >> 3) + dct_class(place & 7));
    return step[both == 6 ? 5 : both];
}

KERNEL int16_t dct_add(int16_t a, int16_t b) {
    return (int16_t)((uint16_t)a + (uint16_t)b);
}

KERNEL int16_t dct_subtract(int16_t a, int16_t b) {
    return (int16_t)((uint16_t)a - (uint16_t)b);
}

/* x[i] = sum over u of x[u] * B[u][i], the eight x `stride` apart, in their own place. */
SHARED void dct_line(int16_t *x, uint8_t stride) {
    int16_t *x1 = x + stride, *x2 = x1 + stride, *x3 = x2 + stride, *x4 = x3 + stride;
    int16_t *x5 = x4 + stride, *x6 = x5 + stride, *x7 = x6 + stride;

    int16_t sum = dct_add(*x, *x4), difference = dct_subtract(*x, *x4);
    int16_t slow = dct_add(*x2, *x6 >> 1), fast = dct_subtract(*x2 >> 1, *x6);
    int16_t even0 = dct_add(sum, slow), even3 = dct_subtract(sum, slow);
    int16_t even1 = dct_add(difference, fast), even2 = dct_subtract(difference, fast);

    int16_t a1 = dct_subtract(dct_subtract(*x5, *x3), dct_add(*x7, *x7 >> 1));
    int16_t a3 = dct_subtract(dct_add(*x1, *x7), dct_add(*x3, *x3 >> 1));
    int16_t a5 = dct_add(dct_subtract(*x7, *x1), dct_add(*x5, *x5 >> 1));
    int16_t a7 = dct_add(dct_add(*x3, *x5), dct_add(*x1, *x1 >> 1));
    int16_t odd0 = dct_subtract(a7, a1 >> 2), odd3 = dct_add(a1, a7 >> 2);
    int16_t odd1 = dct_subtract(a3 >> 2, a5), odd2 = dct_add(a3, a5 >> 2);

    *x = dct_add(even0, odd0);
    *x7 = dct_subtract(even0, odd0);
    *x1 = dct_add(even1, odd1);
    *x6 = dct_subtract(even1, odd1);
    *x2 = dct_add(even2, odd2);
    *x5 = dct_subtract(even2, odd2);
    *x3 = dct_add(even3, odd3);
    *x4 = dct_subtract(even3, odd3);
}

/* A level of `bits` bits, 1..7. */
KERNEL int16_t dct_level(tape *from, uint8_t bits) {
    uint8_t size = tape_bits(from, bits);
    int16_t level = size;
    if (!(size >> (bits - 1))) {
        level = (int16_t)(level + 1 - (1 << bits));
    }
    return level;
}

/* The stream's tape is open. code: steps (DCT_STEPS,), common (64,), a Huffman code. */
KERNEL void dct_open(dct_stream *stream, IN_FLASH uint8_t *code) {
    stream->code = code;
}

SHARED void dct_coefficients(dct_stream *stream, int16_t *c) {
    IN_FLASH uint8_t *step = stream->code;
    uint8_t number = 0;
    memset(c, 0, DCT_PIXELS * sizeof *c);
    for (;;) {
        uint8_t symbol = huffman_symbol(&stream->tape, step + DCT_STEPS + DCT_PIXELS);
        uint8_t bits = symbol & 15;
        number = (uint8_t)(number + (symbol >> 4));
        if (symbol == 0 || number >= DCT_PIXELS) {
            return;
        }
        if (bits != 0) {
            uint8_t place = dct_zigzag[number];
            int16_t level = dct_level(&stream->tape, bits);
            c[place] = (int16_t)((uint16_t)level * dct_step(step, place));
        }
        number++;
    }
}

/* The next image, (64,): count is DCT_PIXELS. */
SHARED void dct_read(dct_stream *stream, uint8_t *to, uint8_t count) {
    int16_t c[DCT_PIXELS];
    dct_coefficients(stream, c);
    for (uint8_t u = 0; u < DCT_SIDE; u++) {
        dct_line(c + u, DCT_SIDE);
    }
    for (uint8_t y = 0; y < DCT_PIXELS; y += DCT_SIDE) {
        dct_line(c + y, 1);
    }
    IN_FLASH uint8_t *common = stream->code + DCT_STEPS;
    const int16_t *sum = c;
    for (; count != 0; count--) {
        int16_t pixel = (int16_t)(dct_add(*sum++, 1 << (DCT_SHIFT - 1)) >> DCT_SHIFT);
        *to++ = saturate_u8((int16_t)(pixel + codec_byte(&common)), DCT_PIXEL_MAX);
    }
}

#endif
