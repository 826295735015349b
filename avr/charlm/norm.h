/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The root-mean-square norm with a gain.
 *
 *   size = sqrt(sum of x^2)              floored, at least 1
 *   r    = min(65535, root / size)       root = sqrt(n) * 2^20, below 2^23
 *   t    = x * r / 2^8                   x / rms(x), Q12
 *   y    = t * gain / 2^12               gain Q5, y Q5, rounded, at most 127
 *
 * x is Q4: where its mean square is below 1, r stands at its end, and x is what it was. On the chip
 * it is norm.S; norm_c is its specification, and what the host runs.
 */
#ifndef CHARLM_NORM_H
#define CHARLM_NORM_H

#include <stdint.h>

#include "charlm/tape.h"
#include "fixed/root.h"
#include "fixed/saturate.h"

/* y from x; gain (n,), x and y (n,); the sum of x^2 fits 32 bits. Returns -8 * sum of y, where the
 * products of levels begin. */
SHARED uint16_t norm_c(int8_t *y, const int16_t *x, tape gain, uint32_t root, uint8_t n) {
    uint32_t squares = 0;
    for (uint8_t i = 0; i < n; i++) {
        squares += (uint32_t)((int32_t)x[i] * x[i]);
    }
    uint16_t size = root_u32(squares);
    uint32_t quotient = root / (size == 0 ? 1 : size);
    uint16_t r = quotient > UINT16_MAX ? UINT16_MAX : (uint16_t)quotient;
    uint16_t sum = 0;
    for (; n != 0; n--) {
        int16_t t = (int16_t)(((int32_t)*x++ * (int32_t)r) >> 8);
        *y = saturate_i8((int16_t)(((int32_t)t * flash_u8(&gain) + 2048) >> 12), INT8_MAX);
        sum = (uint16_t)(sum + (uint16_t)*y++);
    }
    return (uint16_t)(sum * -8);
}

#ifdef __AVR__
uint16_t norm(int8_t *y, const int16_t *x, tape gain, uint32_t root, uint8_t n);
#else
#define norm norm_c
#endif

#endif
