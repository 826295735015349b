/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Python program that was made into C calls: kilolearn.python_subset.devices says what each
 * device does. apps/ahead.c is the chip's side. */
#ifndef VM_AHEAD_H
#define VM_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

/* The program, from its first statement to its last. */
void python_program(void);

/* Once, before the first use. */
void serial_start(void);
uint8_t serial_read(void);
void serial_emit(int16_t value);

void analog_start(void);
int16_t analog_read(int16_t channel);

bool pin_level(int16_t pin);
void pin_drive(int16_t pin, bool level);

/* The state of random(). */
extern uint16_t random_state;

/* Whether another call may overwrite the variables. */
bool stack_is_full(void);

#endif
