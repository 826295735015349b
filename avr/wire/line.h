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

/* Wait for a byte. */
line_byte line_get(void);

/* Send a byte, waiting until it can be taken. */
void line_put(uint8_t byte);

#endif
