/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums brought to scale: scaled(v, s) = (v * s + 128) / 2^8, s / 256 being what a level is worth.
 */
#ifndef CHARLM_SCALED_H
#define CHARLM_SCALED_H

#include <stdint.h>

#include "charlm/tape.h"
#include "fixed/kernel.h"
#include "fixed/saturate.h"

SHARED int16_t scaled(int16_t v, uint8_t scale) {
    return (int16_t)(((int32_t)v * scale + 128) >> 8);
}

/* x[i] += scaled(acc[1 + i] - 8 * acc[0], scale), held in -limit..limit: what rows_add has summed
 * with nibbles for levels. Then acc = 0.
 *
 * x (n,), acc (1 + n,), its sums modulo 2^16; on the tape the scale. */
SHARED tape scaled_add_c(int16_t *x, tape at, uint16_t *acc, int16_t limit, uint8_t n) {
    uint8_t scale = flash_u8(&at);
    uint16_t eights = (uint16_t)(*acc * 8);
    *acc++ = 0;
    for (; n != 0; n--) {
        int16_t sum = (int16_t)(*acc - eights);
        *acc++ = 0;
        *x = saturate_i16((int32_t)*x + scaled(sum, scale), limit);
        x++;
    }
    return at;
}

#ifdef __AVR__
tape scaled_add(int16_t *x, tape at, uint16_t *acc, int16_t limit, uint8_t n);
#else
#define scaled_add scaled_add_c
#endif

#endif
