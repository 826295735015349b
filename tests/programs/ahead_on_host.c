/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's side of vm/ahead.h: input and output in memory, and an error is a jump out of the
 * program. ahead_on_host.py puts the programs behind it. */
#include <setjmp.h>
#include <stddef.h>

#include "vm/ahead.h"
#include "vm/failure.h"

#define STACK_BYTES 100000
#define OUTPUTS_MAX 100000

python_failure failure;
uint16_t random_state;

static const uint8_t *input;
static int16_t outputs[OUTPUTS_MAX];
static size_t outputs_count;
static const int16_t *adc;
static uint8_t pins[8];

static jmp_buf out;
static const char *stack_start;

void python_fail(failure_kind kind, uint16_t line) {
    failure.kind = (uint8_t)kind;
    failure.line = line;
    longjmp(out, 1);
}

void serial_start(void) {}

uint8_t serial_read(void) {
    return *input++;
}

void serial_emit(int16_t value) {
    if (outputs_count < OUTPUTS_MAX) {
        outputs[outputs_count++] = value;
    }
}

void analog_start(void) {}

int16_t analog_read(int16_t channel) {
    return adc[channel & 7];
}

bool pin_level(int16_t pin) {
    return pins[pin & 7];
}

void pin_drive(int16_t pin, bool level) {
    pins[pin & 7] = level;
}

bool stack_is_full(void) {
    return stack_start - (const char *)__builtin_frame_address(0) > STACK_BYTES;
}

/* Answers how many values it emitted. */
static size_t run(void (*program)(void), const uint8_t *bytes, const int16_t *volts,
                  const uint8_t *levels) {
    input = bytes;
    adc = volts;
    for (int i = 0; i < 8; i++) {
        pins[i] = levels[i];
    }
    failure = (python_failure){0, 0};
    random_state = 1;
    outputs_count = 0;
    stack_start = __builtin_frame_address(0);
    if (!setjmp(out)) {
        program();
    }
    return outputs_count;
}
