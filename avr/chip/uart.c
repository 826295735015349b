/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USART0 of the ATtiny1634 and the ATmega48..328 family, registers as in the datasheets' chapter
 * USART. On chips without one this file is empty. */
#include "chip/uart.h"

#include <avr/io.h>

#ifdef UCSR0A

#ifndef BAUD
#define BAUD 500000UL
#endif

/* Baud rate = F_CPU / (DIVISOR * (UBRR + 1)). The 16-fold sampling tolerates more noise: take it
 * where it meets the rate exactly, else the 8-fold (U2X) with the divider rounded to the nearest.
 */
#define DIVISOR (F_CPU % (16 * BAUD) == 0 ? 16UL : 8UL)
#define DIVIDER ((F_CPU + DIVISOR * BAUD / 2) / (DIVISOR * BAUD))
#define BAUD_MET (F_CPU / (DIVISOR * DIVIDER))

_Static_assert(DIVIDER >= 1 && DIVIDER <= 4096,
               "BAUD is out of range of the USART at this HZ: choose another BAUD=");
_Static_assert(DIVIDER == 0 || (BAUD_MET * 100 <= BAUD * 102 && BAUD_MET * 100 >= BAUD * 98),
               "BAUD cannot be met within 2 % at this HZ: choose another BAUD=");

void uart_start(void) {
    if (DIVIDER - 1 > 255) {
        UBRR0H = (DIVIDER - 1) >> 8;
    }
    UBRR0L = (DIVIDER - 1) & 0xFF;
    UCSR0A = DIVISOR == 16 ? 0 : _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
}

uart_byte uart_get(void) {
    uint8_t status;
    do {
        status = UCSR0A;
    } while (!(status & _BV(RXC0)));
    /* The error flags belong to the byte that is about to be read: first they, then it. */
    uart_byte got;
    got.lost = status & (_BV(FE0) | _BV(DOR0));
    got.value = UDR0;
    return got;
}

void uart_put(uint8_t byte) {
    while (!(UCSR0A & _BV(UDRE0))) {}
    UDR0 = byte;
}

#endif
