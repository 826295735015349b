/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A convolution that visits a square image at 2 x 2 places, forward and backward.
 *
 *   K side of the kernel, T stride, S = K + T side of the image, C channels
 *   image   (S, S)          0..input_max
 *   weight  (K * K + 4, C)  the kernels, pixel by pixel, then the biases at each of the four
 * places; C = COLUMNS (net/columns.h) place   0..3            top left, top right, bottom left,
 * bottom right
 *
 * A bias for each place tells where in the image a stroke was; it costs three bytes a channel.
 */
#ifndef NET_CONVOLUTION_H
#define NET_CONVOLUTION_H

#include <stdint.h>

#include "fixed/dot.h"
#include "net/activation.h"
#include "net/columns.h"
#include "net/sgd.h"

#define PLACES 4

/* The largest weight with which K * K + 1 products of full scale fit in 16 bits. */
#define CONVOLUTION_LIMIT(kernel, input_max)                                                       \
    (INT16_MAX / (((kernel) * (kernel) + 1) * (input_max)) > INT8_MAX                              \
         ? INT8_MAX                                                                                \
         : INT16_MAX / (((kernel) * (kernel) + 1) * (input_max)))

/* sum[c][p] = bias[p][c] * one + (sum over r, k of weight[r][k][c] * image[place p + (r, k)])
 * out[c][p] = rectify(sum[c][p] / 2^shift), 0..ceiling
 *
 * out (C, 4). `one` is the input that a bias sees. Weights within CONVOLUTION_LIMIT. */
KERNEL void convolution_forward(uint8_t *out, const int8_t *weight, const uint8_t *image,
                                uint8_t kernel, uint8_t stride, uint8_t one, uint8_t bits,
                                uint8_t shift, uint8_t ceiling) {
    const int8_t *bias = weight + kernel * kernel * COLUMNS;
    for (uint8_t p = 0; p < PLACES; p++) {
        uint16_t sums[COLUMNS];
        columns_sum(sums, weight, image, kernel, kernel, stride, bits);
        for (uint8_t c = 0; c < COLUMNS; c++) {
            int16_t sum = (int16_t)(sums[c] + (uint16_t)(fetch_i8(&bias) * (int16_t)one));
            out[c * PLACES] = rectify(sum, shift, ceiling);
        }
        out++;
        image += p == 1 ? (kernel + stride - 1) * stride : stride;
    }
}

/* One channel's weights, a step down their gradient:
 *
 *   d loss / d weight[r][k] = sum over p of delta[p] * image[place p + (r, k)]
 *   d loss / d bias[p]      = delta[p] * one
 *
 * delta (4,) = d loss / d sum, any int8; weight: of the channel, the next one COLUMNS further, kept
 * within -limit..limit. 4 * 128 * input_max + 2^14 <= 32767, so input_max <= 31. */
KERNEL void convolution_backward(int8_t *weight, const uint8_t *image, const int8_t *delta,
                                 uint8_t kernel, uint8_t stride, uint8_t one, uint8_t bits,
                                 const step_size *step, uint16_t *noise, int8_t limit) {
    const uint8_t side = (uint8_t)(kernel + stride);
    for (uint8_t r = kernel; r != 0; r--) {
        for (uint8_t k = kernel; k != 0; k--) {
            KEEP_COUNTER(k);
            uint16_t gradient = 0;
            gradient = add_product_i8(gradient, delta[0], fetch_u8_at(image, 0), bits);
            gradient = add_product_i8(gradient, delta[1], fetch_u8_at(image, stride), bits);
            gradient = add_product_i8(gradient, delta[2], fetch_u8_at(image, stride * side), bits);
            gradient = add_product_i8(gradient, delta[3],
                                      fetch_u8_at(image, stride * side + stride), bits);
            sgd_i8(weight, (int16_t)gradient, step, noise, limit);
            weight += COLUMNS;
            image++;
        }
        image += stride;
    }
    for (uint8_t p = 0; p < PLACES; p++) {
        sgd_i8(weight, (int16_t)(*delta++ * (int16_t)one), step, noise, limit);
        weight += COLUMNS;
    }
}

#endif
