/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells a test how deep the stack of a real chip grew. Include it in one C file of the firmware:
 *
 *     #include "stack_paint.h"
 *     ...
 *     if (byte == STACK_PAINT_ENQUIRY) {
 *         stack_paint_report(uart_send_byte);
 *     }
 *
 * At start, all SRAM behind the static data is painted; what is still painted was never written.
 * A byte that was only reserved, or happens to hold the paint's value, does not count, and neither
 * does memory that malloc handed out: then the answer is meaningless.
 */
#ifndef STACK_PAINT_H
#define STACK_PAINT_H

#include <avr/io.h>
#include <stdint.h>

#define STACK_PAINT 0xC5
#define STACK_PAINT_ENQUIRY 0x05 /* ASCII ENQ: what the test sends */
#define STACK_PAINT_ANSWER 0x06  /* ASCII ACK: what stack_paint_report begins with */

extern uint8_t __heap_start; /* the linker's: the first byte behind .noinit */

/* Not called: execution falls through it, after SP is set (.init2) and before .data and .bss are
 * (.init4), when nothing is on the stack. */
__attribute__((naked, used, section(".init3"))) static void stack_paint(void) {
    __asm__ volatile("ldi r30, lo8(__heap_start)\n\t"
                     "ldi r31, hi8(__heap_start)\n\t"
                     "ldi r24, %0\n\t"
                     "ldi r25, hi8(%1)\n"
                     "1: st Z+, r24\n\t"
                     "cpi r30, lo8(%1)\n\t"
                     "cpc r31, r25\n\t"
                     "brne 1b"
                     :
                     : "M"(STACK_PAINT), "i"(RAMEND + 1));
}

/* Bytes from the lowest that was written to the end of SRAM. */
static uint16_t stack_paint_high_water(void) {
    const uint8_t *lowest = &__heap_start;
    while (lowest != (const uint8_t *)(RAMEND + 1) && *lowest == STACK_PAINT) {
        lowest++;
    }
    return (uint16_t)((const uint8_t *)(RAMEND + 1) - lowest);
}

/* Sends it: ACK, four hexadecimal digits, newline. */
static void stack_paint_report(void (*send)(uint8_t byte)) {
    uint16_t bytes = stack_paint_high_water();
    send(STACK_PAINT_ANSWER);
    for (uint8_t shift = 16; shift != 0; shift -= 4) {
        uint8_t digit = bytes >> (shift - 4) & 0xF;
        send((uint8_t)(digit < 10 ? '0' + digit : 'A' - 10 + digit));
    }
    send('\n');
}

#endif
