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
#include "fixed/kernel.h"

#define LOGIT_MAX 2815
#define LOGISTIC_STEP 64 /* logistic.S knows it */

/* 65536 - p at z = 0, 64 .. 2816. */
static IN_FLASH uint16_t logistic_below[] = {
    32768, 28693, 24743, 21025, 17625, 14595, 11955, 9702, 7812, 6249, 4971, 3938, 3108, 2446, 1921,
    1506,  1179,  922,   720,   562,   439,   342,   267,  208,  162,  126,  98,   77,   60,   47,
    36,    28,    22,    17,    13,    10,    8,     6,    5,    4,    3,    2,    2,    1,    1};

/* 65536 p(z), by the line between the two points of `below` beside |z| <= LOGIT_MAX. */
SHARED uint16_t logistic_at_c(int16_t z, IN_FLASH uint16_t *below) {
    uint16_t size = z < 0 ? (uint16_t)-z : (uint16_t)z;
    uint8_t part = size & (LOGISTIC_STEP - 1);
    uint16_t from = below[size / LOGISTIC_STEP];
    uint16_t drop = (uint16_t)(from - below[size / LOGISTIC_STEP + 1]);
    from = (uint16_t)(from - (uint32_t)drop * part / LOGISTIC_STEP);
    return z < 0 ? from : (uint16_t)(65536 - from);
}

#ifdef __AVR__
uint16_t logistic_at(int16_t z, IN_FLASH uint16_t *below);
#else
#define logistic_at logistic_at_c
#endif

static inline uint16_t logistic(int16_t z) {
    return logistic_at(z, logistic_below);
}

#endif
