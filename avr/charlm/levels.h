/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products with weights of four bits in flash: levels -8..7, each stored 8 up, two in a byte.
 *
 * The stored nibble is not negative, so a product needs no sign extension of it; the eights are
 * taken off once a sum: sum of w * y = sum of (w + 8) * y - 8 * sum of y. All of it is modulo 2^16.
 *
 * NAME_c is the specification, and what the host runs.
 */
#ifndef CHARLM_LEVELS_H
#define CHARLM_LEVELS_H

#include <stdint.h>

#include "fixed/flash.h"

#define LEVEL_UP 8

/* What two rows that share their bytes come to. */
typedef struct {
    uint16_t first;  /* of the low nibbles */
    uint16_t second; /* of the high ones */
} level_sums;

/* start + sum over i of nibble[i] * y[i], for two rows. pair (n,) in flash, y (n,), n a multiple of
 * 8. With start = -8 * sum of y these are the products of the levels. */
SHARED level_sums levels_dot_c(IN_FLASH uint8_t *pair, const int8_t *y, uint8_t n, uint16_t start) {
    level_sums sums = {start, start};
    for (; n != 0; n--) {
        uint8_t levels = *pair++;
        int16_t value = *y++;
        sums.first = (uint16_t)(sums.first + (uint16_t)(value * (levels & 15)));
        sums.second = (uint16_t)(sums.second + (uint16_t)(value * (levels >> 4)));
    }
    return sums;
}

/* acc[i] += factor * nibble[i]. acc (n,), row (n / 2,) in flash, its first level in the low nibble;
 * n a multiple of 8. */
SHARED void levels_add_c(uint16_t *acc, IN_FLASH uint8_t *row, int8_t factor, uint8_t n) {
    for (; n != 0; n = (uint8_t)(n - 2)) {
        uint8_t levels = *row++;
        acc[0] = (uint16_t)(acc[0] + (uint16_t)((int16_t)factor * (levels & 15)));
        acc[1] = (uint16_t)(acc[1] + (uint16_t)((int16_t)factor * (levels >> 4)));
        acc += 2;
    }
}

#define levels_dot levels_dot_c
#define levels_add levels_add_c

#endif
