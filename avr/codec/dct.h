/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of 8 x 8 pixels as the few coefficients of a cosine transform that are not 0.
 *
 *   pixel[y][x] = common[y][x] + (sum over v, u of c[v][u] * B[v][y] * B[u][x] + 32) / 64,
 *                 floored, held in 0..DCT_PIXEL_MAX
 *   c[v][u]     = level[v][u] * step[class(v) + class(u)]
 *
 * B is the integer transform of H.264, in sixteenths and eighths of a cosine's: additions and
 * shifts only. Its rows have three lengths, whose squares are 8, 9 1/32 and 5: the steps make up
 * for that, a byte for each pair of row lengths. `common` is what all images have in common.
 *
 * Levels come in zigzag order. A symbol is 16 * (zeros before the level) + (bits of its
 * size, 1..7), 0 the end of the image and DCT_ZEROS sixteen zeros; the size follows, where a level
 * is negative less 1 and complemented, as in JPEG. The symbols are in a Huffman code.
 *
 * All sums are modulo 2^16: spoilt bytes give a spoilt image, and a level behind the last place
 * ends it.
 *
 * Sources: Malvar et al., Low-complexity transform and quantization in H.264/AVC, IEEE Trans. CSVT
 * 13 (2003); ITU-T H.264, 8.5.13; ITU-T T.81, F.1.2.
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

/* Where the levels stand, u * 8 + v, in zigzag order. */
static IN_FLASH uint8_t dct_zigzag[DCT_PIXELS] = {
    0,  8,  1,  2,  9,  16, 24, 17, 10, 3,  4,  11, 18, 25, 32, 40, 33, 26, 19, 12, 5,  6,
    13, 20, 27, 34, 41, 48, 56, 49, 42, 35, 28, 21, 14, 7,  15, 22, 29, 36, 43, 50, 57, 58,
    51, 44, 37, 30, 23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
};

/* Row lengths squared of 8, 9 1/32 and 5 are classes 0, 1 and 3: any two have a sum of their own.
 */
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

KERNEL void dct_ends(int16_t *first, int16_t *last, int16_t even, int16_t odd) {
    *first = dct_add(even, odd);
    *last = dct_subtract(even, odd);
}

/* x[i] = sum over u of x[u] * B[u][i], x (8,), in its own place. */
SHARED void dct_line(int16_t *x) {
    int16_t sum = dct_add(x[0], x[4]), difference = dct_subtract(x[0], x[4]);
    int16_t slow = dct_add(x[2], x[6] >> 1), fast = dct_subtract(x[2] >> 1, x[6]);
    int16_t even0 = dct_add(sum, slow), even3 = dct_subtract(sum, slow);
    int16_t even1 = dct_add(difference, fast), even2 = dct_subtract(difference, fast);

    int16_t a1 = dct_subtract(dct_subtract(x[5], x[3]), dct_add(x[7], x[7] >> 1));
    int16_t a3 = dct_subtract(dct_add(x[1], x[7]), dct_add(x[3], x[3] >> 1));
    int16_t a5 = dct_add(dct_subtract(x[7], x[1]), dct_add(x[5], x[5] >> 1));
    int16_t a7 = dct_add(dct_add(x[3], x[5]), dct_add(x[1], x[1] >> 1));

    dct_ends(x, x + 7, even0, dct_subtract(a7, a1 >> 2));
    dct_ends(x + 1, x + 6, even1, dct_subtract(a3 >> 2, a5));
    dct_ends(x + 2, x + 5, even2, dct_add(a3, a5 >> 2));
    dct_ends(x + 3, x + 4, even3, dct_add(a1, a7 >> 2));
}

SHARED void dct_lines(int16_t *x) {
    for (uint8_t left = DCT_SIDE; left != 0; left--) {
        dct_line(x);
        x += DCT_SIDE;
    }
}

/* Rows become columns. */
SHARED void dct_transpose(int16_t *x) {
    for (uint8_t row = 0; row < DCT_SIDE; row++) {
        int16_t *across = x + row * (DCT_SIDE + 1), *down = across;
        for (uint8_t left = DCT_SIDE - 1 - row; left != 0; left--) {
            down += DCT_SIDE;
            int16_t other = *++across;
            *across = *down;
            *down = other;
        }
    }
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
    dct_lines(c); /* down each column */
    dct_transpose(c);
    dct_lines(c); /* along each row */
    IN_FLASH uint8_t *common = stream->code + DCT_STEPS;
    const int16_t *sum = c;
    for (; count != 0; count--) {
        int16_t pixel = (int16_t)(dct_add(*sum++, 1 << (DCT_SHIFT - 1)) >> DCT_SHIFT);
        *to++ = saturate_u8((int16_t)(pixel + codec_byte(&common)), DCT_PIXEL_MAX);
    }
}

#endif
