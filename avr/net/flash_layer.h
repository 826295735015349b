/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inference of trained layers whose weights stay in flash.
 *
 *   sum[o] = bias[o] + sum over i of weight[i][o] * input[i]
 *   out[o] = rectify(sum[o] / 2^shift), 0..ceiling
 *
 *   input  (inputs,)   0..255
 *   table  a group of outputs after the other, in flash, each
 *            bias   (group,)         int16, low byte first
 *            weight (inputs, group)  int8
 *
 * The weights of one input lie together, so that an input of 0, every second pixel of a drawing,
 * costs no product. Sums are modulo 2^16: whoever makes the table sees to it that the final sums
 * stay in int16, and the sums on the way need not.
 */
#ifndef NET_FLASH_LAYER_H
#define NET_FLASH_LAYER_H

#include <stdint.h>

#include "fixed/flash.h"
#include "net/activation.h"

/* Outputs of one pass over the inputs: as many sums as the registers of an AVR hold. */
#define FLASH_GROUP_MAX 11

/* One group's sums (group,); *table moves on behind it. inputs 1..255, group a constant. */
KERNEL void flash_group(int16_t *sum, const uint8_t *input, const uint8_t **table, uint8_t inputs,
                        uint8_t group) {
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__)
    /* 7 cycles a product where avr-gcc takes 24, which keeps the sums in memory: they are here in
     * r2..r15, r18..r23, r28 and r29. What is true is -1 to the assembler. */
    register int16_t *sums __asm__("r24") = sum;
    register uint8_t left __asm__("r22") = inputs;
    __asm__ volatile("push r28\n\t"
                     "push r29\n\t"
                     "push r24\n\t"
                     "push r25\n\t"
                     "mov r24, r22\n\t"
                     ".set sum_at, 2\n\t"
                     ".rept %[group]\n\t"
                     "lpm sum_at, Z+\n\t"
                     "lpm sum_at + 1, Z+\n\t"
                     ".set sum_at, sum_at + 2 - 2 * (sum_at == 14) - 4 * (sum_at == 22)\n\t"
                     ".endr\n"
                     "1: ld r17, X+\n\t"
                     "tst r17\n\t"
                     "breq 2f\n\t"
                     ".set sum_at, 2\n\t"
                     ".rept %[group]\n\t"
                     "lpm r16, Z+\n\t"
                     "mulsu r16, r17\n\t"
                     "add sum_at, r0\n\t"
                     "adc sum_at + 1, r1\n\t"
                     ".set sum_at, sum_at + 2 - 2 * (sum_at == 14) - 4 * (sum_at == 22)\n\t"
                     ".endr\n\t"
                     "dec r24\n\t"
                     "brne 1b\n\t"
                     "rjmp 3f\n"
                     "2: adiw r30, %[group]\n\t"
                     "dec r24\n\t"
                     "brne 1b\n"
                     "3: pop r27\n\t"
                     "pop r26\n\t"
                     ".set sum_at, 2\n\t"
                     ".rept %[group]\n\t"
                     "st X+, sum_at\n\t"
                     "st X+, sum_at + 1\n\t"
                     ".set sum_at, sum_at + 2 - 2 * (sum_at == 14) - 4 * (sum_at == 22)\n\t"
                     ".endr\n\t"
                     "pop r29\n\t"
                     "pop r28\n\t"
                     "clr r1"
                     : "+x"(input), "+z"(*table), "+r"(sums), "+r"(left)
                     : [group] "n"(group)
                     : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
                       "r13", "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r23",
                       "memory");
#else
    for (uint8_t o = 0; o < group; o++) {
        sum[o] = flash_i16(table);
    }
    for (; inputs != 0; inputs--) {
        uint8_t x = *input++;
        for (uint8_t o = 0; o < group; o++) {
            sum[o] = (int16_t)((uint16_t)sum[o] + (uint16_t)((int8_t)flash_u8(table) * x));
        }
    }
#endif
}

/* All sums (groups * group,). */
KERNEL void flash_layer(int16_t *sum, const uint8_t *input, const uint8_t *table, uint8_t inputs,
                        uint8_t groups, uint8_t group) {
    for (; groups != 0; groups--) {
        flash_group(sum, input, &table, inputs, group);
        sum += group;
    }
}

/* out (count,), a hidden layer's; shift and ceiling as `rectify` wants them. */
KERNEL void rectify_all(uint8_t *out, const int16_t *sum, uint8_t count, uint8_t shift,
                        uint8_t ceiling) {
    for (; count != 0; count--) {
        *out++ = rectify(*sum++, shift, ceiling);
    }
}

/* The class of the largest score; of equal ones the smallest. score (classes,), classes >= 1. */
KERNEL uint8_t best_class(const int16_t *score, uint8_t classes) {
    uint8_t best = 0;
    int16_t highest = *score;
    for (uint8_t class = 1; class < classes; class ++) {
        int16_t here = *++score;
        if (here > highest) {
            highest = here;
            best = class;
        }
    }
    return best;
}

#endif
