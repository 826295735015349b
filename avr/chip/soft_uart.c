/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uart.h on a chip without a USART: two pins, each bit timed by counting cycles, interrupts off.
 *
 * Half duplex: it hears nothing while it sends or computes, so the other side speaks only when it
 * has the whole answer. Within a request bytes come without a gap, and what the caller does between
 * two of them is taken from the stop bit: so each bit, the start bit too (a glitch begins no
 * frame), is sampled in the middle of what that leaves of a bit, and not of the bit.
 *
 * Source for the idea of a loop that shifts start, data and stop bits alike: Atmel application note
 * AVR305, "Half Duplex Compact Software UART". On chips with a USART this file is empty. */
#include "chip/uart.h"

#include <avr/io.h>

#include "contract/soft_uart.h"

#ifndef UCSR0A

#ifndef BAUD
#define BAUD ((uint32_t)SOFT_UART_BAUD)
#endif

#define BIT_CYCLES ((F_CPU + BAUD / 2) / BAUD)

/* What the loops below spend besides waiting. */
#define SEND_CYCLES 10
#define RECEIVE_CYCLES 6
/* From the sample of a stop bit to the next wait for a fall: 15 here, 25 in wire/frame_receive.c.
 */
#define CALLER_CYCLES 40
/* By how much nine bits of whole cycles are too short. */
#define DRIFT_CYCLES (9 * ((int32_t)F_CPU - (int32_t)(BIT_CYCLES * BAUD)) / (int32_t)BAUD)
/* From the fall, which a turn of three cycles sees up to three late and leaves two later, to the
 * sample of the start bit, and as many behind their begin the samples of the others. */
#define START_CYCLES ((int32_t)(BIT_CYCLES - CALLER_CYCLES) / 2 + DRIFT_CYCLES)
#define SEEN_CYCLES 2

_Static_assert(START_CYCLES >= SEEN_CYCLES + 3,
               "BAUD is too fast to count its bits at this HZ: choose another BAUD=");
_Static_assert(BIT_CYCLES - RECEIVE_CYCLES <= 3 * 255,
               "BAUD is too slow to count its bits at this HZ: choose another BAUD=");

/* Assembly that takes exactly operand %[name_turns] times 3 cycles and %[name_rest] more. */
#define WAIT(name)                                                                                 \
    "ldi %[count], %[" #name "_turns]\n"                                                           \
    "0: dec %[count]\n\t"                                                                          \
    "brne 0b\n\t"                                                                                  \
    ".rept %[" #name "_rest]\n\t"                                                                  \
    "nop\n\t"                                                                                      \
    ".endr\n\t"
#define WAITS(name, cycles) [name##_turns] "M"((cycles) / 3), [name##_rest] "n"((cycles) % 3)

void uart_start(void) {
    PORTB |= _BV(SOFT_UART_TX) | _BV(SOFT_UART_RX); /* at rest; pulled up */
    DDRB |= _BV(SOFT_UART_TX);
}

/* Nine bits are shifted in from above: when the stop bit has come, the first is in the carry, and a
 * rotation puts both where they belong. */
__attribute__((noinline)) uart_byte uart_get(void) {
    uart_byte got;
    uint8_t bits, count;
    __asm__ volatile(
        "1: sbic %[pin], %[rx]\n\t"
        "rjmp 1b\n\t" WAIT(half) /**/
        "sbic %[pin], %[rx]\n\t"
        "rjmp 1b\n\t"
        "ldi %[bits], 9\n"
        "2:\n\t" WAIT(bit) /**/
        "lsr %[value]\n\t"
        "sbic %[pin], %[rx]\n\t"
        "ori %[value], 0x80\n\t"
        "dec %[bits]\n\t"
        "brne 2b\n\t"
        "rol %[value]\n\t"
        "sbc %[lost], %[lost]\n\t"
        "com %[lost]\n"
        "3: sbis %[pin], %[rx]\n\t"
        "rjmp 3b" /* a break: the next byte comes behind it */
        : [value] "=&d"(got.value), [lost] "=&r"(got.lost), [bits] "=&d"(bits), [count] "=&d"(count)
        : [pin] "I"(_SFR_IO_ADDR(PINB)), [rx] "I"(SOFT_UART_RX),
          WAITS(half, START_CYCLES - SEEN_CYCLES), WAITS(bit, BIT_CYCLES - RECEIVE_CYCLES));
    return got;
}

/* Start bit, data bits and stop bit come alike: the carry holds what is next, inverted, and the
 * shift brings the stop bit's zero in. */
__attribute__((noinline)) void uart_put(uint8_t byte) {
    uint8_t bits, count;
    __asm__ volatile("ldi %[bits], 10\n\t"
                     "com %[byte]\n\t"
                     "sec\n"
                     "1: brcc 2f\n\t"
                     "nop\n\t"
                     "cbi %[port], %[tx]\n\t"
                     "rjmp 3f\n"
                     "2: sbi %[port], %[tx]\n\t"
                     "rjmp 3f\n"
                     "3:\n\t" WAIT(bit) /**/
                     "lsr %[byte]\n\t"
                     "dec %[bits]\n\t"
                     "brne 1b"
                     : [byte] "+d"(byte), [bits] "=&d"(bits), [count] "=&d"(count)
                     : [port] "I"(_SFR_IO_ADDR(PORTB)), [tx] "I"(SOFT_UART_TX),
                       WAITS(bit, BIT_CYCLES - SEND_CYCLES));
}

#endif
