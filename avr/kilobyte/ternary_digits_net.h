/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handwritten digit, told from 8 x 8 pixels by ternary weights: nothing is multiplied.
 *
 *   sum[c][p]     = bias[c] + sum over r, k of kernel[c][r][k] * pixel[p + (r, k)]
 *   feature[c][q] = max(0, the largest sum[c][p] of the places p in quarter q)
 *   score[d]      = sum over c, q of output[c][q][d] * feature[c][q]
 *   digit         = the d of the largest score, the first of equal ones
 *
 * pixel (8, 8) 0..15; kernel (channels, 5, 5) and output (channels, 4, 10) of -1, 0, 1; bias
 * (channels,) int8. A 5 x 5 window has 4 x 4 places in the image, a quarter of them is 2 x 2. */
#ifndef KILOBYTE_TERNARY_DIGITS_NET_H
#define KILOBYTE_TERNARY_DIGITS_NET_H

#include <stdint.h>

#define DIGITS_CLASSES 10
#define DIGITS_IMAGE_BYTES 32

/* Row by row, two pixels a byte, the left one in the low half. */
extern uint8_t image[DIGITS_IMAGE_BYTES];
extern int16_t score[DIGITS_CLASSES];

/* Returns the digit in `image` and leaves what speaks for each in `score`. */
uint8_t digits_classify(void);

#endif
