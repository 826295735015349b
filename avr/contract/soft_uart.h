/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial line of a chip without a USART: two pins of port B that the programmer of an ATtiny13A
 * or 85 leaves free, and its rate unless the firmware was built with another. */
#ifndef CONTRACT_SOFT_UART_H
#define CONTRACT_SOFT_UART_H

#define SOFT_UART_RX 3 /* PB3: the chip listens */
#define SOFT_UART_TX 4 /* PB4: the chip sends */
#define SOFT_UART_BAUD 57600

#endif
