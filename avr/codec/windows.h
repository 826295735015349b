/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An image of 8 x 8 pixels, told by ternary windows of 5 x 5: nothing is multiplied.
 *
 *   sum[c][p]     = bias[c] + sum over r, k of kernel[c][r][k] * pixel[p + (r, k)]
 *   feature[c][q] = max(0, the largest sum[c][p] of the places p in quarter q)
 *   score[d]      = sum over c, q of output[c][q][d] * feature[c][q]
 *
 * A window has 4 x 4 places in the image, a quarter of them is 2 x 2. In flash lies a channel after
 * the other: its bias, int8; a byte a row of its kernel; for each quarter the weights of all
 * classes, five a byte (codec/ternary.h).
 *
 * Whoever includes this says first
 *   WINDOWS_PIXEL(image, at)  a pixel, 0..255, at = 8 * row + column
 *   WINDOWS_CHANNELS
 *   WINDOWS_SCORES            classes, or more, up to a multiple of five: the others stay 0
 * and sees to it that no score can leave int16. */
#ifndef CODEC_WINDOWS_H
#define CODEC_WINDOWS_H

#include "codec/ternary.h"

#define WINDOWS_ROW 8    /* pixels of the image */
#define WINDOWS_KERNEL 5 /* one byte in flash: TERNARY_DIGITS weights */

_Static_assert(WINDOWS_KERNEL == TERNARY_DIGITS && WINDOWS_SCORES % TERNARY_DIGITS == 0,
               "no byte may hold weights of two rows");

/* The weight on top of a byte, times value, joins the sum. */
KERNEL int16_t add_weighted(int16_t sum, uint8_t fraction, int16_t value) {
    if (fraction < TERNARY_ZERO) {
        sum -= value;
    } else if (fraction >= TERNARY_PLUS) {
        sum += value;
    }
    return sum;
}

/* Brings the next weight of a byte to its top. */
KERNEL uint8_t next_weight(uint8_t fraction) {
    return (uint8_t)(fraction + (uint8_t)(fraction << 1));
}

/* One sum[c][p], p = at; weight: the channel's bias and kernel. Exact: 25 * 255 + 128 < 2^15. */
KERNEL int16_t window_sum(const uint8_t *image, IN_FLASH uint8_t **weight, uint8_t at) {
    int16_t sum = (int8_t)codec_byte(weight);
    for (uint8_t rows = WINDOWS_KERNEL; rows != 0; rows--) {
        uint8_t fraction = codec_byte(weight);
        for (uint8_t left = WINDOWS_KERNEL; left != 0; left--) {
            sum = add_weighted(sum, fraction, WINDOWS_PIXEL(image, at));
            at++;
            fraction = next_weight(fraction);
        }
        at += WINDOWS_ROW - WINDOWS_KERNEL;
    }
    return sum;
}

/* What a feature says to all scores. */
KERNEL void window_vote(int16_t *score, IN_FLASH uint8_t **weight, int16_t feature) {
    for (uint8_t bytes = WINDOWS_SCORES / TERNARY_DIGITS; bytes != 0; bytes--) {
        uint8_t fraction = codec_byte(weight);
        for (uint8_t left = TERNARY_DIGITS; left != 0; left--) {
            *score = add_weighted(*score, fraction, feature);
            score++;
            fraction = next_weight(fraction);
        }
    }
}

/* From one corner of a square of 2 x 2 places, `side` apart, to the next: 0, 1, 8, 9, and 16. */
KERNEL uint8_t next_place(uint8_t at, uint8_t side) {
    return (uint8_t)(at & side ? at + WINDOWS_ROW * side - side : at + side);
}

/* score (WINDOWS_SCORES,). */
KERNEL void windows_scores(int16_t *score, const uint8_t *image, IN_FLASH uint8_t *weight) {
    for (uint8_t d = 0; d < WINDOWS_SCORES; d++) {
        score[d] = 0;
    }
    for (uint8_t channels = WINDOWS_CHANNELS; channels != 0; channels--) {
        IN_FLASH uint8_t *kernel = weight;
        weight += 1 + WINDOWS_KERNEL;
        for (uint8_t quarter = 0; quarter < 2 * 2 * WINDOWS_ROW; quarter = next_place(quarter, 2)) {
            int16_t feature = 0;
            for (uint8_t place = 0; place < 2 * WINDOWS_ROW; place = next_place(place, 1)) {
                IN_FLASH uint8_t *again = kernel;
                int16_t sum = window_sum(image, &again, quarter + place);
                if (sum > feature) {
                    feature = sum;
                }
            }
            window_vote(score, &weight, feature);
        }
    }
}

#endif
