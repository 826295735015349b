/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Falling powers of two over sixteen octaves, for weights that are summed and divided by their sum.
 *
 *   falling(d) = floor(256 * table[d mod 32] / 2^(d div 32)),  table[i] = round(255 * 2^(-i / 32))
 */
#ifndef CHARLM_FALLING_H
#define CHARLM_FALLING_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

static IN_FLASH uint8_t falling_table[32] = {
    255, 250, 244, 239, 234, 229, 224, 219, 214, 210, 205, 201, 197, 192, 188, 184,
    180, 176, 173, 169, 165, 162, 158, 155, 152, 148, 145, 142, 139, 136, 133, 130};

/* d Q5; result Q16, 1 is 65280. From d = 512 on it is 0. */
SHARED uint16_t falling_c(uint16_t d) {
    if (d >= 16 * 32) {
        return 0;
    }
    uint16_t power = (uint16_t)(falling_table[d & 31] << 8);
    for (uint8_t octaves = (uint8_t)(d >> 5); octaves != 0; octaves--) {
        power >>= 1;
    }
    return power;
}

#define falling falling_c

#endif
