/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of a signed weight and an unsigned input of few bits, and their sums.
 *
 * A chip with MUL multiplies. A chip without it adds the weight, doubled from bit to bit, wherever
 * the input has a bit: for inputs of 4 or 5 bits, many of them 0, this is cheaper than a general
 * product. Both give the same bits; the host can be built either way (FIXED_HAS_MUL=0 or 1), and a
 * test holds one to the other. `bits` is a constant at each call: input < 2^bits.
 */
#ifndef FIXED_DOT_H
#define FIXED_DOT_H

#include <stdint.h>

#include "fixed/fetch.h"

#ifndef FIXED_HAS_MUL
#if defined(__AVR__) && !defined(__AVR_HAVE_MUL__)
#define FIXED_HAS_MUL 0
#else
#define FIXED_HAS_MUL 1
#endif
#endif

/* Assembly where avr-gcc 5.4 keeps MULSU's operands and product in the wrong registers; the C
 * beside it is its specification, and the host runs that. */
#if defined(__AVR_HAVE_MUL__) && FIXED_HAS_MUL
#define FIXED_ASSEMBLY 1
#else
#define FIXED_ASSEMBLY 0
#endif

/* How many products of an 8-bit weight with an input up to input_max fit in 16 bits. */
#define DOT_CHUNK(input_max) (32767 / (128 * (input_max)) > 255 ? 255 : 32767 / (128 * (input_max)))

/* The bits of an input, lowest first, written out: where the number of bits is a constant, each
 * becomes a skip over an addition, without a loop. */
#define EACH_BIT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

/* sum + weight * input, modulo 2^16. The caller asserts that no true sum on the way leaves int16;
 * should it, with weights from elsewhere, it wraps on the chip and the host alike. */
KERNEL uint16_t add_product_i8(uint16_t sum, int8_t weight, uint8_t input, uint8_t bits) {
#if FIXED_ASSEMBLY
    /* 5 cycles instead of 9. */
    (void)bits;
    __asm__("mulsu %1, %2\n\tadd %A0, r0\n\tadc %B0, r1\n\tclr r1"
            : "+r"(sum)
            : "a"(weight), "a"(input)
            : "r0");
#elif FIXED_HAS_MUL
    (void)bits;
    sum = (uint16_t)(sum + (uint16_t)((int16_t)weight * input));
#else
    uint16_t doubled = (uint16_t)weight;
#define ADD_BIT(bit)                                                                               \
    if (bits > (bit)) {                                                                            \
        if (input & (1 << (bit))) {                                                                \
            sum = (uint16_t)(sum + doubled);                                                       \
        }                                                                                          \
        doubled = (uint16_t)(doubled + doubled);                                                   \
    }
    EACH_BIT(ADD_BIT)
#undef ADD_BIT
#endif
    return sum;
}

/* sum over i of weight[i] * input[i]; weight, input (count,), count >= 1.
 * `chunk` products fit in 16 bits (DOT_CHUNK), so that only one addition in `chunk` is wide. */
KERNEL int32_t dot_i8(const int8_t *weight, const uint8_t *input, uint8_t count, uint8_t bits,
                      uint8_t chunk) {
    int32_t sum = 0;
    do {
        uint16_t part = 0;
        uint8_t left = count < chunk ? count : chunk;
        count = (uint8_t)(count - left);
#if FIXED_ASSEMBLY
        /* 11 cycles a product where the loop below takes 15. */
        uint8_t x;
        int8_t w;
        (void)bits;
        __asm__ volatile("1: ld %[x], %a[input]+\n\t"
                         "ld %[w], %a[weight]+\n\t"
                         "mulsu %[w], %[x]\n\t"
                         "add %A[part], r0\n\t"
                         "adc %B[part], r1\n\t"
                         "dec %[left]\n\t"
                         "brne 1b\n\t"
                         "clr r1"
                         : [part] "+r"(part), [input] "+e"(input), [weight] "+e"(weight),
                           [left] "+r"(left), [x] "=&a"(x), [w] "=&a"(w)
                         :
                         : "r0", "memory");
#else
        do {
            uint8_t x = fetch_u8(&input);
            int8_t w = fetch_i8(&weight);
            if (FIXED_HAS_MUL || x != 0) {
                part = add_product_i8(part, w, x, bits);
            }
        } while (--left != 0);
#endif
        sum += (int16_t)part;
    } while (count != 0);
    return sum;
}

/* The same with 16-bit weights: 24-bit products, a 32-bit sum. */
KERNEL int32_t dot_i16(const int16_t *weight, const uint8_t *input, uint8_t count, uint8_t bits) {
    int32_t sum = 0;
    do {
        uint8_t x = fetch_u8(&input);
#if FIXED_HAS_MUL
        (void)bits;
        sum += (int32_t)*weight * x;
#else
        (void)bits;
        for (int32_t doubled = *weight; x != 0; x >>= 1) {
            if (x & 1) {
                sum += doubled;
            }
            doubled += doubled;
        }
#endif
        weight++;
    } while (--count != 0);
    return sum;
}

#endif
