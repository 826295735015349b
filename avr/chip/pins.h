/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight pins by number: port B, on an ATtiny1634 (whose port B has four) port A. */
#ifndef CHIP_PINS_H
#define CHIP_PINS_H

#include <stdbool.h>
#include <stdint.h>

/* The level at a pin, 0..7. */
bool pins_level(uint8_t pin);

/* Make a pin an output of this level. */
void pins_drive(uint8_t pin, bool level);

#endif
