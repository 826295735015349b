/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As net/flash_layer.h, where 8 bits round too much: weights of 16 bits, 8 of them a fraction.
 *
 *   sum[o] = (bias[o] + sum over i of weight[i][o] * input[i]) / 2^8, floored
 *
 *   input  (inputs,)   0..255
 *   table  a group of outputs after the other, in flash, each
 *            bias   (group,)         24 bits with sign, low byte first
 *            weight (inputs, group)  int16, low byte first
 *
 * Sums are modulo 2^24 until the division.
 */
#ifndef NET_FLASH_LAYER16_H
#define NET_FLASH_LAYER16_H

#include "net/flash_layer.h"

/* Outputs of one pass over the inputs: 24-bit sums in r2..r19. */
#define FLASH_GROUP16_MAX 6

/* One group's sums (group,); *table moves on behind it. inputs 1..255, group a constant. */
KERNEL void flash_group16(int16_t *sum, const uint8_t *input, const uint8_t **table, uint8_t inputs,
                          uint8_t group) {
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__)
    /* 15 cycles a product, of which mul takes the weight's low byte and mulsu the high one. */
    __asm__ volatile(".set sum_at, 2\n\t"
                     ".rept 3 * %[group]\n\t"
                     "lpm sum_at, Z+\n\t"
                     ".set sum_at, sum_at + 1\n\t"
                     ".endr\n\t"
                     "clr r23\n"
                     "1: ld r21, X+\n\t"
                     "tst r21\n\t"
                     "breq 2f\n\t"
                     ".set sum_at, 2\n\t"
                     ".rept %[group]\n\t"
                     "lpm r20, Z+\n\t"
                     "mul r20, r21\n\t"
                     "add sum_at, r0\n\t"
                     "adc sum_at + 1, r1\n\t"
                     "adc sum_at + 2, r23\n\t"
                     "lpm r20, Z+\n\t"
                     "mulsu r20, r21\n\t"
                     "add sum_at + 1, r0\n\t"
                     "adc sum_at + 2, r1\n\t"
                     ".set sum_at, sum_at + 3\n\t"
                     ".endr\n\t"
                     "dec %[left]\n\t"
                     "brne 1b\n\t"
                     "rjmp 3f\n"
                     "2: adiw r30, 2 * %[group]\n\t"
                     "dec %[left]\n\t"
                     "brne 1b\n"
                     "3: movw r26, %[sums]\n\t"
                     ".set sum_at, 2\n\t"
                     ".rept %[group]\n\t"
                     "st X+, sum_at + 1\n\t"
                     "st X+, sum_at + 2\n\t"
                     ".set sum_at, sum_at + 3\n\t"
                     ".endr\n\t"
                     "clr r1"
                     : "+x"(input), "+z"(*table), [left] "+r"(inputs)
                     : [sums] "r"(sum), [group] "n"(group)
                     : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
                       "r13", "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r23",
                       "memory");
#else
    int32_t total[FLASH_GROUP16_MAX];
    for (uint8_t o = 0; o < group; o++) {
        uint8_t low = flash_u8(table);
        total[o] = (int32_t)flash_i16(table) * 256 + low;
    }
    for (; inputs != 0; inputs--) {
        uint8_t x = *input++;
        for (uint8_t o = 0; o < group; o++) {
            uint8_t low = flash_u8(table);
            int8_t high = (int8_t)flash_u8(table);
            total[o] += (int32_t)(high * x) * 256 + (uint16_t)low * x;
        }
    }
    for (uint8_t o = 0; o < group; o++) {
        sum[o] = (int16_t)(total[o] >> 8);
    }
#endif
}

/* All sums (groups * group,). */
KERNEL void flash_layer16(int16_t *sum, const uint8_t *input, const uint8_t *table, uint8_t inputs,
                          uint8_t groups, uint8_t group) {
    for (; groups != 0; groups--) {
        flash_group16(sum, input, &table, inputs, group);
        sum += group;
    }
}

/* A hidden layer's outputs max(sum, 0) as the next layer's inputs: out (2 * count,), low byte
 * first, where 1 in the second byte weighs 256 times 1 in the first. */
KERNEL void rectify_all16(uint8_t *out, const int16_t *sum, uint8_t count) {
    for (; count != 0; count--) {
        int16_t here = *sum++;
        if (here < 0) {
            here = 0;
        }
        *out++ = (uint8_t)here;
        *out++ = (uint8_t)((uint16_t)here >> 8);
    }
}

#endif
