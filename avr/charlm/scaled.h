/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums brought to scale: scaled(v, s) = (v * s + 128) >> 8, s / 256 being what a level is worth. */
#ifndef CHARLM_SCALED_H
#define CHARLM_SCALED_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/saturate.h"

SHARED int16_t scaled_c(int16_t v, uint8_t scale) {
    return (int16_t)(((int32_t)v * scale + 128) >> 8);
}

#define scaled scaled_c

/* x[i] += scaled(acc[i] - eights, scale), held in -limit..limit. x, acc (n,). */
SHARED void scaled_add_c(int16_t *x, const uint16_t *acc, uint16_t eights, uint8_t scale,
                         int16_t limit, uint8_t n) {
    for (; n != 0; n--) {
        int16_t sum = (int16_t)(*acc++ - eights);
        *x = saturate_i16((int32_t)*x + scaled_c(sum, scale), limit);
        x++;
    }
}

#define scaled_add scaled_add_c

#endif
