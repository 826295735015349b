/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uart.h, both directions at once: polled, with a queue before the transmitter. An answer of nine
 * bytes, of which the USART takes one at once, so holds nobody up who is to hear the next request.
 */
#include "chip/uart.h"

#include <avr/io.h>

#ifdef UCSR0A

_Static_assert((UART_QUEUE & (UART_QUEUE - 1)) == 0 && UART_QUEUE <= 128,
               "the two counters run through 256");

static struct {
    uint8_t bytes[UART_QUEUE];
    uint8_t put, sent;
} queue;

uint8_t uart_is_full_duplex(void) {
    return 1;
}

static uint8_t takes_byte(void) {
    return UCSR0A & _BV(UDRE0);
}

static void send_next(void) {
    if (queue.sent != queue.put && takes_byte()) {
        UDR0 = queue.bytes[queue.sent++ % UART_QUEUE];
    }
}

uart_byte uart_get_queued(void) {
    while (!(UCSR0A & _BV(RXC0))) {
        send_next();
    }
    return uart_get();
}

void uart_put_queued(uint8_t byte) {
    uint8_t waiting;
    while ((waiting = queue.put - queue.sent) == UART_QUEUE) {
        send_next();
    }
    if (waiting == 0 && takes_byte()) {
        UDR0 = byte;
    } else {
        queue.bytes[queue.put++ % UART_QUEUE] = byte;
    }
}

#else

uint8_t uart_is_full_duplex(void) {
    return 0;
}

uart_byte uart_get_queued(void) {
    return uart_get();
}

void uart_put_queued(uint8_t byte) {
    uart_put(byte);
}

#endif
