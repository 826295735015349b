/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uart.h on a chip without a USART: two pins, each bit timed by counting cycles, interrupts off.
 *
 * Half duplex: it hears nothing while it sends or computes, so the other side speaks only when it
 * has the whole answer. Within a request bytes come without a gap, and what the caller does between
 * two of them is taken from the stop bit: so each bit, the start bit too (a glitch begins no
 * frame), is sampled in the middle of what that leaves of a bit, and not of the bit.
 *
 * How long a bit is, chip/bits_fixed.h knows from F_CPU and BAUD; with UART_CALIBRATES
 * chip/bits_measured.h measures it.
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
#define SEEN_CYCLES 2 /* from the sight of a fall to the wait */

#ifdef UART_CALIBRATES
#include "chip/bits_measured.h"
#else
#include "chip/bits_fixed.h"
#endif

void uart_start(void) {
    PORTB |= _BV(SOFT_UART_TX) | _BV(SOFT_UART_RX); /* at rest; pulled up */
    DDRB |= _BV(SOFT_UART_TX);
#ifdef UART_CALIBRATES
    bit_cycles = BIT_CYCLES | BIT_IN_DOUBT;
#endif
}

/* Nine bits are shifted in from above: when the stop bit has come, the first is in the carry, and a
 * rotation puts both where they belong. */
__attribute__((noinline)) uart_byte uart_get(void) {
#ifdef UART_CALIBRATES
    uint8_t is_missed = !(PINB & _BV(SOFT_UART_RX)); /* the fall, by a byte that began before */
    if (is_missed || bit_cycles & BIT_IN_DOUBT) {
        return measure_bits(is_missed);
    }
#endif
    uart_byte got;
    uint8_t bits;
    bit_counter count;
    __asm__ volatile(
        "1: sbic %[pin], %[rx]\n\t"
        "rjmp 1b\n\t" WAIT(start) /**/
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
        : [value] "=&d"(got.value), [lost] "=&r"(got.lost), [bits] "=&d"(bits), [count] "=&w"(count)
        : [pin] "I"(_SFR_IO_ADDR(PINB)), [rx] "I"(SOFT_UART_RX), WAITS_START,
          WAITS_BIT(RECEIVE_CYCLES));
#ifdef UART_CALIBRATES
    if (got.lost) {
        bit_cycles |= BIT_IN_DOUBT;
    }
#endif
    return got;
}

/* Start bit, data bits and stop bit come alike: the carry holds what is next, inverted, and the
 * shift brings the stop bit's zero in. */
__attribute__((noinline)) void uart_put(uint8_t byte) {
    uint8_t bits;
    bit_counter count;
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
                     : [byte] "+d"(byte), [bits] "=&d"(bits), [count] "=&w"(count)
                     : [port] "I"(_SFR_IO_ADDR(PORTB)), [tx] "I"(SOFT_UART_TX),
                       WAITS_BIT(SEND_CYCLES));
}

#endif
