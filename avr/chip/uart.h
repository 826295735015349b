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

#endif
