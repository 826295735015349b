/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Python's integers in 16 bits: // and % floor, shifts may be as wide as they like.
 *
 * Each operation wraps around; the one named _checked ends the program where the exact result does
 * not fit. What is an error at any width is asked apart: `nonzero` before a division, `nonnegative`
 * before a shift, `in_array` before an item is touched, `in_byte` before one is stored. */
#ifndef VM_INTEGERS_H
#define VM_INTEGERS_H

#include <stdint.h>

#include "vm/failure.h"

/* ---- errors at any width ------------------------------------------------------------------- */

static inline int16_t nonzero(int16_t divisor, uint16_t line) {
    if (divisor == 0) {
        python_fail(ZERO_DIVISION_ERROR, line);
    }
    return divisor;
}

static inline int16_t nonnegative(int16_t count, uint16_t line) {
    if (count < 0) {
        python_fail(VALUE_ERROR, line);
    }
    return count;
}

static inline uint8_t in_byte(int16_t value, uint16_t line) {
    if ((uint16_t)value > 255) {
        python_fail(VALUE_ERROR, line);
    }
    return (uint8_t)value;
}

/* A negative index counts from the end. */
static inline uint16_t from_end(int16_t index, uint16_t length) {
    return index < 0 ? (uint16_t)index + length : (uint16_t)index;
}

static inline uint16_t in_array(int16_t index, uint16_t length, uint16_t line) {
    uint16_t place = from_end(index, length);
    if (place >= length) {
        python_fail(INDEX_ERROR, line);
    }
    return place;
}

/* ---- operations that wrap around ----------------------------------------------------------- */

static inline int16_t add(int16_t a, int16_t b) {
    return (int16_t)((uint16_t)a + (uint16_t)b);
}

static inline int16_t subtract(int16_t a, int16_t b) {
    return (int16_t)((uint16_t)a - (uint16_t)b);
}

/* The factors as unsigned int, which is 32 bits wide on the host: uint16_t would become int. */
static inline int16_t multiply(int16_t a, int16_t b) {
    return (int16_t)((unsigned)a * (unsigned)b);
}

static inline int16_t negate(int16_t a) {
    return subtract(0, a);
}

static inline int16_t absolute(int16_t a) {
    return a < 0 ? negate(a) : a;
}

/* b is not 0. C truncates: one less where the remainder's sign is not the divisor's.
 * By -1 apart, since the quotient -32768 / -1 is undefined in C. */
static inline int16_t divide(int16_t a, int16_t b) {
    if (b == -1) {
        return negate(a);
    }
    int16_t quotient = a / b, remainder = a % b;
    return remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient;
}

static inline int16_t modulo(int16_t a, int16_t b) {
    if (b == -1) {
        return 0;
    }
    int16_t remainder = a % b;
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

/* count >= 0 */
static inline int16_t shift_left(int16_t a, int16_t count) {
    return count > 15 ? 0 : (int16_t)((uint16_t)a << count);
}

static inline int16_t shift_right(int16_t a, int16_t count) {
    return a >> (count > 15 ? 15 : count);
}

/* ---- operations that end the program where they do not fit ---------------------------------- */

static inline int16_t add_checked(int16_t a, int16_t b, uint16_t line) {
    int16_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        python_fail(OVERFLOW_ERROR, line);
    }
    return sum;
}

static inline int16_t subtract_checked(int16_t a, int16_t b, uint16_t line) {
    int16_t difference;
    if (__builtin_sub_overflow(a, b, &difference)) {
        python_fail(OVERFLOW_ERROR, line);
    }
    return difference;
}

/* Two bytes' product always fits, and few products are of more: without this a training step takes
 * half as long again on a chip without MUL. */
static inline int16_t multiply_checked(int16_t a, int16_t b, uint16_t line) {
    if (a == (int8_t)a && b == (int8_t)b) {
        return (int8_t)a * (int8_t)b;
    }
    int16_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        python_fail(OVERFLOW_ERROR, line);
    }
    return product;
}

static inline int16_t negate_checked(int16_t a, uint16_t line) {
    return subtract_checked(0, a, line);
}

static inline int16_t absolute_checked(int16_t a, uint16_t line) {
    return a < 0 ? negate_checked(a, line) : a;
}

static inline int16_t divide_checked(int16_t a, int16_t b, uint16_t line) {
    return b == -1 ? negate_checked(a, line) : divide(a, b);
}

/* It fits if shifting back gives the same. */
static inline int16_t shift_left_checked(int16_t a, int16_t count, uint16_t line) {
    int16_t shifted = shift_left(a, count);
    if (shift_right(shifted, count) != a) {
        python_fail(OVERFLOW_ERROR, line);
    }
    return shifted;
}

/* ---- range ----------------------------------------------------------------------------------- */

/* len(range(start, stop, step)); step is not 0, and the answer at most 65535. */
static inline uint16_t range_length(int16_t start, int16_t stop, int16_t step) {
    if (step > 0) {
        uint16_t way = (uint16_t)stop - (uint16_t)start;
        return stop > start ? (uint16_t)(way - 1) / (uint16_t)step + 1 : 0;
    }
    uint16_t way = (uint16_t)start - (uint16_t)stop;
    return start > stop ? (uint16_t)(way - 1) / (uint16_t)-step + 1 : 0;
}

#endif
