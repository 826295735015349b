/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logarithm and power of two by tables of sixteenths: no multiplier, no division. */
#ifndef FIXED_LOG2_H
#define FIXED_LOG2_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

/* log2(x), Q8 (0..4095). x 0..65535; log2_q8(0) = 0, so that x * log2(x) is right there too.
 *
 * x is shifted until its highest bit is the sign bit; behind it 4 bits choose a sixteenth, 8 lie
 * within it, on a straight line. At most 1.7/256 from the logarithm. */
SHARED uint16_t log2_q8(uint16_t x) {
    static IN_FLASH uint8_t sixteenth[17] = {
        0,   22,  44,  63,  82,  100, 118, 134, 150,
        165, 179, 193, 207, 220, 232, 244, 0}; /* the last is 256 */
    uint8_t exponent = 15;
    while (exponent != 0 && (x & 0x8000) == 0) {
        x = (uint16_t)(x << 1);
        exponent--;
    }
    uint8_t at = (uint8_t)(x >> 11) & 15;
    uint8_t low = sixteenth[at];
    uint8_t rise = (uint8_t)(sixteenth[at + 1] - low); /* 12..22, modulo 256 */
    uint8_t within = (uint8_t)(x >> 3);
    return (uint16_t)(((uint16_t)exponent << 8) + low + (uint8_t)(((uint16_t)rise * within) >> 8));
}

/* x * log2(x) of a byte, Q4 (0..32623). */
SHARED uint16_t x_log2_x_q4(uint8_t x) {
    uint16_t logarithm = log2_q8(x);
    uint16_t whole = (uint16_t)((uint16_t)x * (uint8_t)(logarithm >> 8));
    return (uint16_t)((whole << 4) + (((uint16_t)x * (uint8_t)logarithm) >> 4));
}

/* 2^x, Q4. x Q8 within -4..4 (-1024..1024): 1..261, at most 2.3 % and a bit of the result off. */
SHARED uint16_t exp2_q4(int16_t x) {
    static IN_FLASH uint8_t sixteenth[16] = {131, 137, 143, 149, 156, 162, 170, 177,
                                             185, 193, 202, 211, 220, 230, 240, 251}; /* Q7 */
    uint16_t power = (uint16_t)(sixteenth[(uint8_t)x >> 4] << 4);
    uint8_t right = (uint8_t)(7 - (int8_t)(x >> 8));
    return (uint16_t)(power >> right);
}

#endif
