/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the firmware knows of its own SRAM. Linking this room paints the free SRAM at start. */
#ifndef CHIP_STACK_H
#define CHIP_STACK_H

#include <stdint.h>

/* Bytes of stack used so far: from the top of SRAM to the lowest byte whose paint is gone. A byte
 * that was used and happens to hold the paint's value again is not seen. */
uint16_t stack_high_water(void);

/* Bytes of .data, .bss and .noinit. */
uint16_t stack_static_bytes(void);

#endif
