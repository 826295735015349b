/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first USART, polled; where there is none, two pins. On the chip it is uart.c or soft_uart.c,
 * on the host whoever stands in for the line. */
#ifndef CHIP_UART_H
#define CHIP_UART_H

#include <stdint.h>

typedef struct {
    uint8_t value;
    uint8_t
        lost; /* not 0: a byte before this one was lost, or this one came without its stop bit */
} uart_byte;

/* 8N1 at BAUD, both directions. */
void uart_start(void);

/* Wait for a byte. */
uart_byte uart_get(void);

/* Wait until the transmitter takes this byte. */
void uart_put(uint8_t byte);

/* The same two at once, where there is a USART: UART_QUEUE bytes may wait for the transmitter, and
 * go out while one is waited for. Elsewhere no other than those above. */
#define UART_QUEUE 8
uint8_t uart_is_full_duplex(void);
uart_byte uart_get_queued(void);
void uart_put_queued(uint8_t byte);

#endif
