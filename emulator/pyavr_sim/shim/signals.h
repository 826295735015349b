/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signals.h  libsimavr's signals (avr_irq_t): their values, and who listens to each. The firmware
 * changes both: a timer counts a pin, the comparator's output becomes a timer's capture. */
#ifndef PYAVR_SIM_SIGNALS_H
#define PYAVR_SIM_SIGNALS_H

#include <stddef.h>
#include <stdint.h>

#include <simavr/sim_avr.h>

size_t signals_packed(const avr_t *avr); /* bytes that they take now */

/* Both return where they ended, in what is packed. */
uint8_t *signals_pack(uint8_t *to, const avr_t *avr);
const uint8_t *signals_unpack(const uint8_t *from, int count, const avr_t *avr);

unsigned signal_listeners(const avr_irq_t *irq);

#endif
