/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the firmwares of the engine's benchmark (probe_engine_*.c) share: each does its work, leaves
 * a checksum in SRAM, sends it as a line of text, and halts. They use no peripheral that emulators
 * do not have, and no number that depends on what SRAM held at power-up. */
#ifndef APPS_PROBE_ENGINE_H
#define APPS_PROBE_ENGINE_H

#include "chip/halt.h"
#include "chip/uart.h"

#include <avr/io.h>
#include <stdint.h>

volatile uint32_t checksum;

/* FNV-1a, a byte at a time: h = (h ^ byte) * 16777619 */
static inline uint32_t mix(uint32_t hash, uint8_t byte) {
    return (hash ^ byte) * 16777619UL;
}

/* Marsaglia's xorshift, period 2^16 - 1. */
static inline uint16_t next_random(uint16_t *state) {
    uint16_t x = *state;
    x ^= x << 7;
    x ^= x >> 9;
    x ^= x << 8;
    return *state = x;
}

static inline void send_line(uint32_t value) {
    for (uint8_t digit = 0; digit < 8; digit++) {
        const uint8_t nibble = value >> 28;
        uart_put(nibble < 10 ? '0' + nibble : 'a' - 10 + nibble);
        value <<= 4;
    }
    uart_put('\n');
}

/* The USART must be running. The last byte has left the chip before it halts. */
__attribute__((noreturn)) static inline void finish(uint32_t value) {
    checksum = value;
    UCSR0A |= _BV(TXC0);
    send_line(value);
    while (!(UCSR0A & _BV(TXC0))) {}
    chip_halt();
}

#endif
