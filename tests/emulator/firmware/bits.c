/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PB4 out, high; sends the bits of `frames`, the lowest first, a bit every WAIT_CYCLES and 9 or 12
 * more, then counts the falls of PB3 for ever. */
#include <avr/io.h>
#include <stdint.h>

#ifndef FRAMES
#define FRAMES
#endif

static const uint16_t frames[] = {0xFFFF, FRAMES};
volatile uint8_t falls;

int main(void) {
    PORTB = 1 << 4;
    DDRB = 1 << 4;
    for (uint8_t f = 0; f < sizeof frames / sizeof *frames; f++) {
        uint16_t frame = frames[f];
        for (uint8_t bit = 0; bit < 16; bit++, frame >>= 1) {
            if (frame & 1) {
                PORTB |= 1 << 4;
            } else {
                PORTB &= ~(1 << 4);
            }
            __builtin_avr_delay_cycles(WAIT_CYCLES);
        }
    }
    for (;;) {
        while (PINB & 1 << 3) {}
        falls++;
        while (!(PINB & 1 << 3)) {}
    }
}
