/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noise for stochastic rounding: xorshift16, the triple 7, 9, 8.
 *
 * The state runs through every value but 0 before it repeats (period 65535), so a byte of it takes
 * each value 256 times a period, 0 one time less.
 * Two of the three shifts are moves of a byte on AVR.
 *
 * Source: G. Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003); the 16-bit triple
 * after J. Metcalf.
 */
#ifndef FIXED_NOISE_H
#define FIXED_NOISE_H

#include <stdint.h>

/* Any seed but 0 may start the state; 0 is replaced, because it would stay 0 for ever. */
static inline uint16_t noise_start(uint16_t seed) {
    return seed != 0 ? seed : 0xACE1;
}

/* Step the state and return it: 16 bits, or two bytes for two roundings. */
static inline uint16_t noise_next(uint16_t *state) {
    uint16_t bits = *state;
    bits ^= (uint16_t)(bits << 7);
    bits ^= (uint16_t)(bits >> 9);
    bits ^= (uint16_t)(bits << 8);
    *state = bits;
    return bits;
}

#endif
