/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reference.h  plain libsimavr beside an engine of ours: run both, compare everything.
 *
 * What cffi may call stands between the marks. `engine` is a `sim *` of the extension module. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* cdef begin */
typedef struct reference reference;

/* A libsimavr chip in the same state as an engine that has not run yet; NULL: no memory, no chip.
 * Free it before the engine: it listens to the engine's UART. */
reference *reference_new(const char *mcu, void *engine);
void reference_free(reference *r);

/* One instruction a call, by libsimavr's own core, up to this cycle or a little further. */
uint64_t reference_run(reference *r, uint64_t cycle);

/* The world outside, to both at once. */
void both_receive(reference *r, void *engine, uint32_t byte);
void both_drive(reference *r, void *engine, uint32_t port, uint32_t pin, uint32_t level);
void both_apply(reference *r, void *engine, uint32_t channel, uint32_t millivolts);

/* PC, cycle, state, SREG, registers, I/O, SRAM, flash, EEPROM, pending and running interrupts,
 * cycle timers, UART bytes with their cycles. 0: all equal; else the first difference is in text.
 */
int reference_compare(reference *r, void *engine, char *text, size_t size);

/* Bytes that the engine's UART has sent, and interrupts that libsimavr's core took. */
size_t reference_sent(const reference *r);
size_t reference_interrupts(const reference *r);
/* cdef end */

#endif
