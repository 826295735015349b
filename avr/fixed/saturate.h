/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saturating arithmetic. A weight that would leave its range stays at the end of it.
 *
 * Chip and host give the same bits because every intermediate has a fixed width that holds it: the
 * width of `int` (16 bits on AVR, 32 on the host) never matters.
 *
 * The host counts the values that were cut; the chip takes the same bits, so it is the chip's count
 * as well, and costs it nothing.
 */
#ifndef FIXED_SATURATE_H
#define FIXED_SATURATE_H

#include <stdint.h>

/* Right shifts of negative numbers are used as floored division by a power of two everywhere. C
 * leaves them to the compiler; gcc and clang define them so on every target. */
/* cppcheck-suppress shiftNegativeLHS */
_Static_assert((-5 >> 1) == -3, "a right shift of a negative number must floor");

#ifdef __AVR__
#define SATURATED() ((void)0)
#else
__attribute__((weak)) uint64_t saturations; /* one a library, whichever sources include this */
#define SATURATED() ((void)saturations++)
#endif

/* value held in -limit..limit; the range is symmetric, so that no negation can overflow.
 * limit 1..127. */
static inline int8_t saturate_i8(int16_t value, int8_t limit) {
    if (value > limit) {
        SATURATED();
        return limit;
    }
    if (value < -limit) {
        SATURATED();
        return (int8_t)-limit;
    }
    return (int8_t)value;
}

/* value held in -limit..limit, limit 1..32767. */
static inline int16_t saturate_i16(int32_t value, int16_t limit) {
    if (value > limit) {
        SATURATED();
        return limit;
    }
    if (value < -limit) {
        SATURATED();
        return (int16_t)-limit;
    }
    return (int16_t)value;
}

/* value held in 0..limit: a rectifier with a ceiling, of which only the ceiling counts. */
static inline uint8_t saturate_u8(int16_t value, uint8_t limit) {
    if (value < 0) {
        return 0;
    }
    if (value > (int16_t)limit) {
        SATURATED();
        return limit;
    }
    return (uint8_t)value;
}

#endif
