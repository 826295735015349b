/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial line as frames see it. Whoever links wire/ implements these two: the serve loop with
 * the UART, the twin with memory. */
#ifndef WIRE_LINE_H
#define WIRE_LINE_H

#include <stdint.h>

typedef struct {
    uint8_t value;
    uint8_t lost; /* not 0: a byte before this one was lost, or this one is spoilt */
} line_byte;

/* A constant of the image. 1: line_get sends while it waits, and there is time for some work
 * between two bytes. 0: bits are counted out, one way at a time. */
uint8_t line_is_full_duplex(void);

/* Wait for a byte. */
line_byte line_get(void);

/* Send a byte, waiting until it can be taken. */
void line_put(uint8_t byte);

#endif
