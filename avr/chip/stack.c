/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/stack.h"

#include <avr/io.h>

#define PAINT 0xC5

/* The linker's: the first byte of .data, and the first byte behind .noinit. */
extern uint8_t __data_start;
extern uint8_t __heap_start;

/* Runs after the stack pointer is set and before .data and .bss are (avr-libc sections .init2 and
 * .init4), when nothing is on the stack. Not called: execution falls through it. */
__attribute__((naked, used, section(".init3"))) void stack_paint(void) {
    __asm__ volatile("ldi r30, lo8(__heap_start)\n\t"
                     "ldi r31, hi8(__heap_start)\n\t"
                     "ldi r24, %0\n\t"
                     "ldi r25, hi8(%1)\n"
                     "1: st Z+, r24\n\t"
                     "cpi r30, lo8(%1)\n\t"
                     "cpc r31, r25\n\t"
                     "brne 1b"
                     :
                     : "M"(PAINT), "i"(RAMEND + 1));
}

uint16_t stack_high_water(void) {
    const uint8_t *lowest = &__heap_start;
    while (*lowest == PAINT && lowest != (const uint8_t *)(RAMEND + 1)) {
        lowest++;
    }
    return (uint16_t)((const uint8_t *)(RAMEND + 1) - lowest);
}

uint16_t stack_static_bytes(void) {
    return (uint16_t)((uintptr_t)&__heap_start - (uintptr_t)&__data_start);
}
