/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The logistic function by a table and straight lines between its points.
 *
 *   p(z) = 65536 / (1 + exp(-z)),   p(-z) = 65536 - p(z)
 *
 * z in 1/256 nat, held in -LOGIT_MAX..LOGIT_MAX, where p still is no more than 65535: an outcome
 * that never comes costs 16 bits, and one that always comes nearly nothing.
 */
#ifndef CHARLM_LOGISTIC_H
#define CHARLM_LOGISTIC_H

#include "fixed/flash.h"
#include "fixed/product.h"

#define LOGIT_MAX 2815
#define LOGISTIC_STEP 64

/* 65536 - p at z = 0, 64 .. 2816. */
static IN_FLASH uint16_t logistic_below[] = {
    32768, 28693, 24743, 21025, 17625, 14595, 11955, 9702, 7812, 6249, 4971, 3938, 3108, 2446, 1921,
    1506,  1179,  922,   720,   562,   439,   342,   267,  208,  162,  126,  98,   77,   60,   47,
    36,    28,    22,    17,    13,    10,    8,     6,    5,    4,    3,    2,    2,    1,    1};

static inline uint16_t logistic(int16_t z) {
    uint16_t size = z < 0 ? (uint16_t)-z : (uint16_t)z;
    size = (uint16_t)(size * (256 / LOGISTIC_STEP));
    uint8_t part = (uint8_t)size; /* of 256 to the next point */
    IN_FLASH uint16_t *point = &logistic_below[size >> 8];
    uint16_t below = point[0];
    uint16_t drop = (uint16_t)(below - point[1]);
    below = (uint16_t)(below - product_u8((uint8_t)(drop >> 8), part) -
                       (product_u8((uint8_t)drop, part) >> 8));
    return z < 0 ? below : (uint16_t)(65536 - below);
}

#endif
