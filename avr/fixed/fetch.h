/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads for inner loops.
 *
 * avr-gcc 5.4 turns `*p++` in a loop with branches into a copy of the pointer, an addition and a
 * subtraction, and prefers X, which has no displacement, for `p[36]`. With these one-instruction
 * forms an inference of apps/digits.c takes 28,270 cycles instead of 31,810 on an ATtiny1634 and
 * 13,090 instead of 14,120 on an ATmega168P. The portable bodies are their specification.
 */
#ifndef FIXED_FETCH_H
#define FIXED_FETCH_H

#include <stdint.h>

#include "fixed/kernel.h"

#ifdef __AVR__

/* MULSU wants its operands in r16..r23, "a". */
#ifdef __AVR_HAVE_MUL__
#define FETCHED "=a"
#else
#define FETCHED "=r"
#endif

KERNEL uint8_t fetch_u8(const uint8_t **pointer) {
    uint8_t value;
    __asm__ volatile("ld %0, %a1+" : FETCHED(value), "+e"(*pointer) : : "memory");
    return value;
}

KERNEL int8_t fetch_i8(const int8_t **pointer) {
    int8_t value;
    __asm__ volatile("ld %0, %a1+" : FETCHED(value), "+e"(*pointer) : : "memory");
    return value;
}

/* offset: a constant 0..63. */
#define fetch_u8_at(pointer, offset)                                                               \
    __extension__({                                                                                \
        uint8_t fetched;                                                                           \
        __asm__ volatile("ldd %0, %a1+%2"                                                          \
                         : FETCHED(fetched)                                                        \
                         : "b"(pointer), "I"(offset)                                               \
                         : "memory");                                                              \
        fetched;                                                                                   \
    })

#else

/* Returns *pointer and moves the pointer on. */
KERNEL uint8_t fetch_u8(const uint8_t **pointer) {
    return *(*pointer)++;
}
KERNEL int8_t fetch_i8(const int8_t **pointer) {
    return *(*pointer)++;
}
#define fetch_u8_at(pointer, offset) ((pointer)[offset])

#endif
#endif
