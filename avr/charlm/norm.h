/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The root-mean-square norm with a gain.
 *
 *   size = sqrt(sum of x^2)              floored, at least 1
 *   r    = min(65535, root / size)       root = sqrt(n) * 2^20
 *   t    = x * r / 2^8                   x / rms(x), Q12
 *   y    = t * gain / 2^12               gain Q5, y Q5, rounded, held in -127..127
 *
 * x is Q4: where its mean square is below 1, r stands at its end, and x is what it was.
 */
#ifndef CHARLM_NORM_H
#define CHARLM_NORM_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/root.h"
#include "fixed/saturate.h"

/* sum over i of x[i]^2. x (n,), so small that this fits 32 bits. */
SHARED uint32_t norm_squares_c(const int16_t *x, uint8_t n) {
    uint32_t sum = 0;
    for (; n != 0; n--) {
        sum += (uint32_t)((int32_t)*x * *x);
        x++;
    }
    return sum;
}

/* y from x by r and gain. x, y, gain (n,); |x[i] * r| < 2^23. Returns the sum of y. */
SHARED int16_t norm_apply_c(int8_t *y, const int16_t *x, IN_FLASH int8_t *gain, uint16_t r,
                            uint8_t n) {
    int16_t sum = 0;
    for (; n != 0; n--) {
        int16_t t = (int16_t)(((int32_t)*x++ * (int32_t)r) >> 8);
        int8_t value = saturate_i8((int16_t)(((int32_t)t * *gain++ + 2048) >> 12), INT8_MAX);
        *y++ = value;
        sum = (int16_t)(sum + value);
    }
    return sum;
}

#define norm_squares norm_squares_c
#define norm_apply norm_apply_c

/* The norm of x into y. Returns the sum of y. */
SHARED int16_t norm(int8_t *y, const int16_t *x, IN_FLASH int8_t *gain, uint32_t root, uint8_t n) {
    uint16_t size = root_u32(norm_squares(x, n));
    uint32_t r = root / (size == 0 ? 1 : size);
    return norm_apply(y, x, gain, r > UINT16_MAX ? UINT16_MAX : (uint16_t)r, n);
}

#endif
