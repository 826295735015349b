/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic rounding: value / 2^shift, rounded up with the probability of the fraction lost.
 *
 *   round(value) = floor((value + noise) / 2^shift),   noise uniform in 0..2^shift - 1
 *
 * Its mean over the noise is value / 2^shift exactly, so that steps far smaller than one unit of a
 * weight still teach it: without it an 8-bit weight stops learning when a step falls below 1/2.
 *
 * Source: Gupta et al., Deep Learning with Limited Numerical Precision, ICML 2015.
 */
#ifndef FIXED_ROUND_H
#define FIXED_ROUND_H

#include <stdint.h>

/* The noise bits that a rounding by 2^shift wants. shift 0..15. */
static inline uint16_t round_mask(uint8_t shift) {
    return (uint16_t) ~(0xFFFFU << shift);
}

/* Signed. shift 8..14, mask = round_mask(shift), |value| <= 32767 - mask. The first eight places
 * are a move of a byte, so that the loop of shifts on the chip runs shift - 8 times over one byte.
 */
static inline int8_t round_stochastic(int16_t value, uint16_t noise, uint16_t mask, uint8_t shift) {
    int8_t high = (int8_t)((int16_t)(value + (int16_t)(noise & mask)) >> 8);
    for (; shift > 8; shift--) {
        high >>= 1;
    }
    return high;
}

/* Signed and wide, for 16-bit weights. shift 0..15, mask = round_mask(shift). */
static inline int32_t round_stochastic_i32(int32_t value, uint16_t noise, uint16_t mask,
                                           uint8_t shift) {
    return (value + (int32_t)(noise & mask)) >> shift;
}

#endif
