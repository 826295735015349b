/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A convolution that visits a square image at 2 x 2 places, forward and backward.
 *
 *   K side of the kernel, T stride, S = K + T side of the image, C channels
 *   image   (S, S)          0..input_max
 *   weight  (C, K * K + 4)  a channel's kernel, then its bias at each of the four places
 *   place   0..3            top left, top right, bottom left, bottom right
 *
 * The four places go through the kernel together: a weight is loaded (and, without MUL, doubled)
 * once for four products, and the image is read with constant displacements from one pointer.
 * A bias for each place tells where in the image a stroke was; it costs three bytes a channel.
 */
#ifndef NET_CONVOLUTION_H
#define NET_CONVOLUTION_H

#include <stdint.h>

#include "fixed/dot.h"
#include "net/activation.h"
#include "net/sgd.h"

#define PLACES 4

/* The largest weight with which K * K + 1 products of full scale fit in 16 bits. */
#define CONVOLUTION_LIMIT(kernel, input_max)                                                       \
    (INT16_MAX / (((kernel) * (kernel) + 1) * (input_max)) > INT8_MAX                              \
         ? INT8_MAX                                                                                \
         : INT16_MAX / (((kernel) * (kernel) + 1) * (input_max)))

/* The sums at the four places. */
typedef struct {
    uint16_t at0, at1, at2, at3;
} place_sums;

/* sums[p] += weight * x[place p], x at the top left. Modulo 2^16, see add_product_i8. */
KERNEL void add_products(place_sums *sums, int8_t weight, const uint8_t *x, uint8_t stride,
                         uint8_t side, uint8_t bits) {
#if FIXED_ASSEMBLY
    /* 29 cycles where the lines below take 37. */
    uint8_t value;
    (void)bits;
    __asm__ volatile("ld %[value], %a[x]\n\t"
                     "mulsu %[weight], %[value]\n\t"
                     "add %A[at0], r0\n\t"
                     "adc %B[at0], r1\n\t"
                     "ldd %[value], %a[x]+%[offset1]\n\t"
                     "mulsu %[weight], %[value]\n\t"
                     "add %A[at1], r0\n\t"
                     "adc %B[at1], r1\n\t"
                     "ldd %[value], %a[x]+%[offset2]\n\t"
                     "mulsu %[weight], %[value]\n\t"
                     "add %A[at2], r0\n\t"
                     "adc %B[at2], r1\n\t"
                     "ldd %[value], %a[x]+%[offset3]\n\t"
                     "mulsu %[weight], %[value]\n\t"
                     "add %A[at3], r0\n\t"
                     "adc %B[at3], r1\n\t"
                     "clr r1"
                     : [at0] "+r"(sums->at0), [at1] "+r"(sums->at1), [at2] "+r"(sums->at2),
                       [at3] "+r"(sums->at3), [value] "=&a"(value)
                     : [x] "b"(x), [weight] "a"(weight), [offset1] "I"(stride),
                       [offset2] "I"(stride * side), [offset3] "I"(stride * side + stride)
                     : "r0", "memory");
#else
    uint8_t x0 = fetch_u8_at(x, 0);
    uint8_t x1 = fetch_u8_at(x, stride);
    uint8_t x2 = fetch_u8_at(x, stride * side);
    uint8_t x3 = fetch_u8_at(x, stride * side + stride);
#if FIXED_HAS_MUL
    sums->at0 = add_product_i8(sums->at0, weight, x0, bits);
    sums->at1 = add_product_i8(sums->at1, weight, x1, bits);
    sums->at2 = add_product_i8(sums->at2, weight, x2, bits);
    sums->at3 = add_product_i8(sums->at3, weight, x3, bits);
#else
    uint16_t doubled = (uint16_t)weight;
#define ADD_AT(place, bit)                                                                         \
    if (x##place & (1 << (bit))) {                                                                 \
        sums->at##place = (uint16_t)(sums->at##place + doubled);                                   \
    }
#define ADD_BIT(bit)                                                                               \
    if (bits > (bit)) {                                                                            \
        ADD_AT(0, bit)                                                                             \
        ADD_AT(1, bit)                                                                             \
        ADD_AT(2, bit)                                                                             \
        ADD_AT(3, bit)                                                                             \
        doubled = (uint16_t)(doubled + doubled);                                                   \
    }
    EACH_BIT(ADD_BIT)
#undef ADD_BIT
#undef ADD_AT
#endif
#endif
}

SHARED uint8_t place_out(uint16_t sum, int8_t bias, uint8_t one, uint8_t shift, uint8_t ceiling) {
    return rectify((int16_t)(sum + (uint16_t)(bias * (int16_t)one)), shift, ceiling);
}

/* sum[c][p] = bias[c][p] * one + (sum over r, k of weight[c][r][k] * image[place p + (r, k)])
 * out[c][p] = rectify(sum[c][p] / 2^shift), 0..ceiling
 *
 * out (C, 4). `one` is the input that a bias sees. Weights within CONVOLUTION_LIMIT. */
KERNEL void convolution_forward(uint8_t *out, const int8_t *weight, const uint8_t *image,
                                uint8_t channels, uint8_t kernel, uint8_t stride, uint8_t one,
                                uint8_t bits, uint8_t shift, uint8_t ceiling) {
    for (uint8_t c = channels; c != 0; c--) {
        place_sums sums = {0, 0, 0, 0};
        const uint8_t *x = image;
        for (uint8_t r = kernel; r != 0; r--) {
            for (uint8_t k = kernel; k != 0; k--) {
                KEEP_COUNTER(k);
                add_products(&sums, fetch_i8(&weight), x, stride, (uint8_t)(kernel + stride), bits);
                x++;
            }
            x += stride;
        }
        *out++ = place_out(sums.at0, fetch_i8(&weight), one, shift, ceiling);
        *out++ = place_out(sums.at1, fetch_i8(&weight), one, shift, ceiling);
        *out++ = place_out(sums.at2, fetch_i8(&weight), one, shift, ceiling);
        *out++ = place_out(sums.at3, fetch_i8(&weight), one, shift, ceiling);
    }
}

/* One channel's weights, a step down their gradient:
 *
 *   d loss / d weight[r][k] = sum over p of delta[p] * image[place p + (r, k)]
 *   d loss / d bias[p]      = delta[p] * one
 *
 * delta (4,) = d loss / d sum, any int8; weight (K * K + 4,), kept within -limit..limit.
 * 4 * 128 * input_max + 2^14 <= 32767, so input_max <= 31. */
KERNEL void convolution_backward(int8_t *weight, const uint8_t *image, const int8_t *delta,
                                 uint8_t kernel, uint8_t stride, uint8_t one, uint8_t bits,
                                 const step_size *step, uint16_t *noise, int8_t limit) {
    const uint8_t side = (uint8_t)(kernel + stride);
    for (uint8_t r = kernel; r != 0; r--) {
        for (uint8_t k = kernel; k != 0; k--) {
            KEEP_COUNTER(k);
            uint16_t gradient = 0;
            const uint8_t *x = image++;
            const int8_t *d = delta;
            for (uint8_t left = PLACES; left != 0; left--) {
                KEEP_COUNTER(left);
                gradient = add_product_i8(gradient, fetch_i8(&d), *x, bits);
                x += stride;
                if (left == PLACES - 1) {
                    x += stride * (side - 2);
                }
            }
            sgd_i8(weight++, (int16_t)gradient, step, noise, limit);
        }
        image += stride;
    }
    for (uint8_t p = 0; p < PLACES; p++) {
        sgd_i8(weight++, (int16_t)(*delta++ * (int16_t)one), step, noise, limit);
    }
}

#endif
