/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Falling powers of two over sixteen octaves, for weights that are summed and divided by their sum.
 *
 *   falling(d) = floor(256 * table[d mod 32] / 2^(d div 32)),  table[i] = round(255 * 2^(-i / 32))
 *
 * On the chip it is falling.S; the C is its specification, and what the host runs.
 */
#ifndef CHARLM_FALLING_H
#define CHARLM_FALLING_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

#define FALLING_FRACTIONS 32

/* d Q5; result Q16, 1 is 65280. From d = 512 on it is 0. */
SHARED uint16_t falling_c(uint16_t d) {
    static IN_FLASH uint8_t table[FALLING_FRACTIONS] = {
        255, 250, 244, 239, 234, 229, 224, 219, 214, 210, 205, 201, 197, 192, 188, 184,
        180, 176, 173, 169, 165, 162, 158, 155, 152, 148, 145, 142, 139, 136, 133, 130};
    if (d >= 16 * FALLING_FRACTIONS) {
        return 0;
    }
    uint16_t power = (uint16_t)(table[d % FALLING_FRACTIONS] << 8);
    for (uint8_t octaves = (uint8_t)(d / FALLING_FRACTIONS); octaves != 0; octaves--) {
        power >>= 1;
    }
    return power;
}

/* What `count` logits Q5 are as frequencies, in place: falling(highest - logit) + 1. */
SHARED void frequencies_c(uint16_t *logit, uint8_t count) {
    int16_t highest = INT16_MIN;
    for (uint8_t i = 0; i < count; i++) {
        if ((int16_t)logit[i] > highest) {
            highest = (int16_t)logit[i];
        }
    }
    for (; count != 0; count--) {
        *logit = (uint16_t)(falling_c((uint16_t)((uint16_t)highest - *logit)) + 1);
        logit++;
    }
}

#ifdef __AVR__
uint16_t falling(uint16_t d);
void frequencies(uint16_t *logit, uint8_t count);
#else
#define falling falling_c
#define frequencies frequencies_c
#endif

#endif
