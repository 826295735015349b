/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products with weights of four bits in flash: levels -8..7, each stored 8 up, two in a byte.
 *
 * The stored nibble is not negative, so a product needs no sign extension of it; the eights are
 * taken off once a sum: sum of w * y = sum of (w + 8) * y - 8 * sum of y. All of it is modulo 2^16.
 *
 * On the chip the layers are levels.S. The C, NAME_c, is their specification, and what the host
 * runs.
 */
#ifndef CHARLM_LEVELS_H
#define CHARLM_LEVELS_H

#include <stdint.h>

#include "charlm/scaled.h"
#include "charlm/tape.h"
#include "fixed/flash.h"
#include "fixed/kernel.h"
#include "fixed/saturate.h"

/* What two rows that share their bytes come to. */
typedef struct {
    int16_t first;  /* of the low nibbles */
    int16_t second; /* of the high ones */
} level_sums;

/* start + sum over i of nibble[i] * y[i], for the two rows of a pair. pair (n,), y (n,). */
SHARED level_sums levels_dot(tape pair, const int8_t *y, uint16_t start, uint8_t n) {
    uint16_t first = start, second = start;
    for (; n != 0; n--) {
        uint8_t levels = flash_u8(&pair);
        int16_t value = *y++;
        first = (uint16_t)(first + (uint16_t)(value * (levels & 15)));
        second = (uint16_t)(second + (uint16_t)(value * (levels >> 4)));
    }
    level_sums sums = {(int16_t)first, (int16_t)second};
    return sums;
}

/* acc[0] += factor, acc[1 + i] += factor * nibble[i]. acc (1 + n,), row (n / 2,), its first level
 * in the low nibble. */
SHARED tape levels_add(uint16_t *acc, tape row, int8_t factor, uint8_t n) {
    *acc = (uint16_t)(*acc + (uint16_t)factor);
    for (; n != 0; n = (uint8_t)(n - 2)) {
        uint8_t levels = flash_u8(&row);
        acc[1] = (uint16_t)(acc[1] + (uint16_t)((int16_t)factor * (levels & 15)));
        acc[2] = (uint16_t)(acc[2] + (uint16_t)((int16_t)factor * (levels >> 4)));
        acc += 2;
    }
    return row;
}

/* out[r] = scaled(row[r] . y), held in -127..127.
 *
 * out (2 * pairs,), y (n,), start = -8 * sum of y; n is even. On the tape, for each pair of rows:
 * their levels (n,), two scales. */
SHARED tape rows_to_bytes_c(int8_t *out, tape at, const int8_t *y, uint16_t start, uint8_t n,
                            uint8_t pairs) {
    for (; pairs != 0; pairs--) {
        level_sums sums = levels_dot(at, y, start, n);
        at += n;
        *out++ = saturate_i8(scaled(sums.first, flash_u8(&at)), INT8_MAX);
        *out++ = saturate_i8(scaled(sums.second, flash_u8(&at)), INT8_MAX);
    }
    return at;
}

/* out[r] = scaled(row[r] . y) + 2 * bias[r], modulo 2^16.
 *
 * As rows_to_bytes; on the tape: levels (n,), scale and bias of the first, of the second. */
SHARED tape rows_to_logits_c(int16_t *out, tape at, const int8_t *y, uint16_t start, uint8_t n,
                             uint8_t pairs) {
    for (; pairs != 0; pairs--) {
        level_sums sums = levels_dot(at, y, start, n);
        at += n;
        for (uint8_t second = 0; second < 2; second++) {
            int16_t logit = scaled(second ? sums.second : sums.first, flash_u8(&at));
            *out++ = (int16_t)((uint16_t)logit + (uint16_t)(2 * (int8_t)flash_u8(&at)));
        }
    }
    return at;
}

/* acc[1 + i] += sum over the rows r of factor[r] * nibble[r][i], acc[0] += sum of factor.
 *
 * acc (1 + n,), factor (rows,); on the tape (rows, n / 2). */
SHARED tape rows_add_c(uint16_t *acc, tape at, const int8_t *factor, uint8_t n, uint8_t rows) {
    for (; rows != 0; rows--) {
        at = levels_add(acc, at, *factor++, n);
    }
    return at;
}

/* Squared rectified units, each added to acc as soon as it is known:
 *
 *   t[u] = scaled(up[u] . y) + bias[u], held in -127..127          Q5
 *   h[u] = max(t[u], 0)^2 / 2^7, rounded                           Q3, 0..126
 *   acc[1 + i] += sum over u of h[u] * nibble of down[u][i],   acc[0] += sum of h
 *
 * acc (1 + n,), y (n,), start = -8 * sum of y. On the tape, for each pair of units: levels of both
 * (n,), scale and bias of the first, of the second, their rows of down (2, n / 2). */
SHARED tape feed_forward_c(uint16_t *acc, tape at, const int8_t *y, uint16_t start, uint8_t n,
                           uint8_t pairs) {
    for (; pairs != 0; pairs--) {
        level_sums sums = levels_dot(at, y, start, n);
        at += n;
        uint8_t unit[2];
        for (uint8_t second = 0; second < 2; second++) {
            int16_t t = scaled(second ? sums.second : sums.first, flash_u8(&at));
            t = saturate_i8((int16_t)(t + (int8_t)flash_u8(&at)), INT8_MAX);
            unit[second] = t > 0 ? (uint8_t)((t * t + 64) >> 7) : 0;
        }
        at = levels_add(acc, at, (int8_t)unit[0], n);
        at = levels_add(acc, at, (int8_t)unit[1], n);
    }
    return at;
}

#ifdef __AVR__
tape rows_to_bytes(int8_t *out, tape at, const int8_t *y, uint16_t start, uint8_t n, uint8_t pairs);
tape rows_to_logits(int16_t *out, tape at, const int8_t *y, uint16_t start, uint8_t n,
                    uint8_t pairs);
tape rows_add(uint16_t *acc, tape at, const int8_t *factor, uint8_t n, uint8_t rows);
tape feed_forward(uint16_t *acc, tape at, const int8_t *y, uint16_t start, uint8_t n,
                  uint8_t pairs);
#else
#define rows_to_bytes rows_to_bytes_c
#define rows_to_logits rows_to_logits_c
#define rows_add rows_add_c
#define feed_forward feed_forward_c
#endif

#endif
