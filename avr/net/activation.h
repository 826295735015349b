/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activations and their derivatives.
 *
 * An activation is stored as a small unsigned number, so that the next layer's products are cheap;
 * the ceiling doubles as saturation. Where the ceiling holds, the derivative is 0.
 */
#ifndef NET_ACTIVATION_H
#define NET_ACTIVATION_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/saturate.h"

/* out = sum / 2^shift, floored, held in 0..ceiling.  shift 1..8, (ceiling + 1) << shift <= 32767.
 * The comparison comes before the shift, so that the shift is one to the left and a move of a byte
 * instead of `shift` to the right. */
KERNEL uint8_t rectify(int16_t sum, uint8_t shift, uint8_t ceiling) {
    if (sum < 0) {
        return 0;
    }
    if (sum >= (int16_t)((ceiling + 1) << shift)) {
        SATURATED();
        return ceiling;
    }
    if (ceiling < 1 << shift) {
        return (uint8_t)((uint16_t)(sum << (8 - shift)) >> 8);
    }
    return (uint8_t)(sum >> shift);
}

/* d out / d sum * 2^shift, from out: 1 strictly between floor and ceiling, else 0. */
static inline uint8_t rectify_slope(uint8_t out, uint8_t ceiling) {
    return (uint8_t)(out - 1) < (uint8_t)(ceiling - 1);
}

/* Leaky rectifier: out = sum where sum >= 0, else floor(sum / 2^leak). leak 1..7. */
KERNEL int16_t rectify_leaky(int16_t sum, uint8_t leak) {
    return sum < 0 ? (int16_t)(sum >> leak) : sum;
}

/* Chain rule through it, from its output: gradient where out >= 0, else floor(gradient / 2^leak).
 */
KERNEL int16_t rectify_leaky_back(int16_t gradient, int16_t out, uint8_t leak) {
    return out < 0 ? (int16_t)(gradient >> leak) : gradient;
}

#endif
