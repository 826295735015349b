/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Python program as C: runs it once and halts, its variables and its error left in SRAM. The
 * host writes the program as the config (kilolearn.python_subset.ahead). */
#include "vm/ahead.h"

#include <avr/io.h>

#include "chip/adc.h"
#include "chip/clock.h"
#include "chip/halt.h"
#include "chip/pins.h"
#include "chip/uart.h"
#include "vm/failure.h"

#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective

/* Left free below the frame that asks: for the frame of the call, which saves 18 registers at most,
 * and for the calls in it that do not recurse. */
#define STACK_RESERVE 48

extern uint8_t __heap_start; /* the linker's: the first byte behind the variables */

python_failure failure;
uint16_t random_state = 1;

/* The host reads the variables and the failure: they must be in SRAM when the CPU stops. */
__attribute__((noreturn)) static void end(void) {
    python_keep();
    chip_halt();
}

void python_fail(failure_kind kind, uint16_t line) {
    failure.kind = (uint8_t)kind;
    failure.line = line;
    __asm__ volatile("" : : "m"(failure));
    end();
}

void serial_start(void) {
    uart_start();
}

/* Functions of their own under link-time optimisation too: the emulator's host sends a byte when
 * the one is entered, and what they wait for the line can be told from the program's own cycles. */
__attribute__((noinline)) uint8_t serial_read(void) {
    return uart_get().value;
}

__attribute__((noinline)) void serial_emit(int16_t value) {
    uart_put((uint8_t)value);
    uart_put((uint8_t)((uint16_t)value >> 8));
}

void analog_start(void) {
    adc_start();
}

int16_t analog_read(int16_t channel) {
    return (int16_t)adc_value(channel & 7);
}

bool pin_level(int16_t pin) {
    return pins_level(pin & 7);
}

void pin_drive(int16_t pin, bool level) {
    pins_drive(pin & 7, level);
}

bool stack_is_full(void) {
    return (uint16_t)SP < (uint16_t)(uintptr_t)&__heap_start + STACK_RESERVE;
}

int main(void) {
    clock_full_speed();
    python_program();
    end();
}
