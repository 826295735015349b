/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The logistic function by straight lines whose slopes are powers of two.
 *
 *   |x|          y(|x|)
 *   0   .. 1     x / 4  + 1/2
 *   1   .. 19/8  x / 8  + 5/8
 *   19/8 .. 5    x / 32 + 27/32
 *   5   ..       1
 *   y(-x) = 1 - y(x)
 *
 * At most 0.019 from 1 / (1 + exp(-x)), before the rounding to 1/256.
 * Source: Amin, Curtis, Hayes-Gill, Piecewise linear approximation applied to nonlinear function of
 * a neural network, IEE Proc. Circuits Devices Syst. 144 (1997).
 */
#ifndef FIXED_SIGMOID_H
#define FIXED_SIGMOID_H

#include <stdint.h>

/* x Q8 (-128..128), result Q8, 0..255: 1 is 255, and sigmoid_q8(-x) = 255 - sigmoid_q8(x). */
static inline uint8_t sigmoid_q8(int16_t x) {
    uint16_t size = x < 0 ? (uint16_t)(0 - (uint16_t)x) : (uint16_t)x;
    uint16_t y;
    if (size >= 1280) {
        y = 255;
    } else if (size >= 608) {
        y = (uint16_t)((size >> 5) + 216);
    } else if (size >= 256) {
        y = (uint16_t)((size >> 3) + 160);
    } else {
        y = (uint16_t)((size >> 2) + 128);
    }
    if (y > 255) {
        y = 255;
    }
    return (uint8_t)(x < 0 ? 255 - y : y);
}

/* d sigmoid / dx from its value y: y * (1 - y), Q8, 0..64: y, 1 - y Q8. */
static inline uint8_t sigmoid_slope_q8(uint8_t y) {
    return (uint8_t)(((uint16_t)y * (uint16_t)(255 - y) + 128) >> 8);
}

#endif
