/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Falling powers of two, by a table of sixteen and a shift.
 *
 *   exp2_falling(x) = floor(table[x mod 16] / 2^(x div 16)),   table[i] = round(255 * 2^(-i / 16))
 *
 * At most 1/256 from 255/256 * 2^(-x / 16).
 */
#ifndef FIXED_EXPONENTIAL_H
#define FIXED_EXPONENTIAL_H

#include <stdint.h>

#include "fixed/flash.h"

static IN_FLASH uint8_t exp2_table[16] = {255, 244, 234, 224, 214, 205, 197, 188,
                                          180, 173, 165, 158, 152, 145, 139, 133};

/* 2^-x. x Q4, 0..255 (0..16); result Q8, 1 is 255. */
static inline uint8_t exp2_falling(uint8_t x) {
    uint8_t power = exp2_table[x & 15];
    for (x >>= 4; x != 0; x--) {
        power >>= 1;
    }
    return power;
}

#endif
