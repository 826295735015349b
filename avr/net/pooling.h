/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A convolution with maximum pooling over an 8 x 8 image, two pixels a byte, forward and backward.
 *
 *   image    (32,)     pixel 2 i is the low half of byte i, pixel 2 i + 1 the high one; 0..15
 *   weight   (25 + 4,) a channel's 5 x 5 kernel, then its bias in each quarter
 *   quarter  0..3      top left, top right, bottom left, bottom right: of the 4 x 4 windows
 *   window   0..3      in the same order, of a quarter's 2 x 2
 *
 * Source: LeCun et al., Gradient-based learning applied to document recognition, Proc. IEEE (1998),
 * with the maximum in place of the mean.
 */
#ifndef NET_POOLING_H
#define NET_POOLING_H

#include <stdint.h>

#include "fixed/dot.h"
#include "net/sgd.h"

#define QUARTERS 4
#define POOLING_SIDE 8
#define POOLING_KERNEL 5
#define POOLING_INPUT_BITS 4

/* The largest weight with which a window's products and a bias of full scale fit in 16 bits. */
#define POOLING_LIMIT(kernel, input_max) (INT16_MAX / (((kernel) * (kernel) + 1) * (input_max)))

/* The largest sum of a quarter, and which window has it. */
typedef struct {
    int16_t sum;
    uint8_t window;
} pooling_peak;

/* The pixel 0..63 of an image. */
SHARED uint8_t pooling_pixel(const uint8_t *image, uint8_t at) {
    uint8_t pair = image[at >> 1];
    return at & 1 ? pair >> 4 : pair & 15;
}

/* The first pixel of a window. */
SHARED uint8_t pooling_corner(uint8_t quarter, uint8_t window) {
    uint8_t corner = (uint8_t)((quarter & 1) * 2 + (window & 1));
    return (uint8_t)(corner + (quarter & 2) * POOLING_SIDE + (window & 2) * (POOLING_SIDE / 2));
}

/* sum + the next weight * input, modulo 2^16. Half of the pixels of a digit are 0. */
KERNEL uint16_t pooling_add(uint16_t sum, const int8_t **weight, uint8_t input) {
    int8_t w = fetch_i8(weight);
    return input == 0 ? sum : add_product_i8(sum, w, input, POOLING_INPUT_BITS);
}

/* max over the windows of a quarter of the sum over r, k of weight[r][k] * image[window + (r, k)].
 * Of equals the first window. Weights within POOLING_LIMIT. */
KERNEL pooling_peak pooling_forward(const int8_t *weight, const uint8_t *image, uint8_t quarter) {
    pooling_peak peak = {INT16_MIN, 0};
    for (uint8_t window = 0; window < 4; window++) {
        const int8_t *w = weight;
        uint8_t corner = pooling_corner(quarter, window);
        const uint8_t *row = image + (corner >> 1);
        uint16_t sum = 0;
        for (uint8_t r = POOLING_KERNEL; r != 0; r--, row += POOLING_SIDE / 2) {
            uint8_t x01 = row[0], x23 = row[1], x4 = row[2];
            if (corner & 1) {
                x01 = (uint8_t)(x01 >> 4 | x23 << 4);
                x23 = (uint8_t)(x23 >> 4 | x4 << 4);
                x4 >>= 4;
            }
            sum = pooling_add(sum, &w, x01 & 15);
            sum = pooling_add(sum, &w, x01 >> 4);
            sum = pooling_add(sum, &w, x23 & 15);
            sum = pooling_add(sum, &w, x23 >> 4);
            sum = pooling_add(sum, &w, x4 & 15);
        }
        if ((int16_t)sum > peak.sum) {
            peak.sum = (int16_t)sum;
            peak.window = window;
        }
    }
    return peak;
}

/* One channel's weights, a step down their gradient, which reaches each quarter's peak alone:
 *
 *   d loss / d weight[r][k] = sum over q of delta[q] * image[peak of q + (r, k)]
 *   d loss / d bias[q]      = delta[q] * one
 *
 * delta (4,) = d loss / d sum, any int8; peaks: the window of quarter q in bits 2 q and 2 q + 1;
 * weight (29,), kept within -limit..limit. */
KERNEL void pooling_backward(int8_t *weight, const uint8_t *image, const int8_t *delta,
                             uint8_t peaks, uint8_t one, const step_size *step, uint16_t *noise,
                             int8_t limit) {
    for (uint8_t r = 0; r < POOLING_KERNEL * POOLING_SIDE; r += POOLING_SIDE) {
        for (uint8_t offset = r; offset < r + POOLING_KERNEL; offset++) {
            uint16_t gradient = 0;
            uint8_t windows = peaks;
            for (uint8_t q = 0; q < QUARTERS; q++, windows >>= 2) {
                uint8_t x = pooling_pixel(image, (uint8_t)(pooling_corner(q, windows) + offset));
                gradient = add_product_i8(gradient, delta[q], x, POOLING_INPUT_BITS);
            }
            sgd_i8(weight++, (int16_t)gradient, step, noise, limit);
        }
    }
    for (uint8_t q = 0; q < QUARTERS; q++) {
        sgd_i8(weight++, (int16_t)(*delta++ * (int16_t)one), step, noise, limit);
    }
}

#endif
