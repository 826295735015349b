// SPDX-License-Identifier: GPL-3.0-or-later
// SRAM with every kind of owner and use, at known moments, for the pictures of a run.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdint.h>
#include <stdlib.h>

volatile uint8_t constants[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
volatile uint8_t phases[8];
volatile uint8_t only_written[12];
volatile uint8_t untold[4] __attribute__((section(".noinit")));
volatile uint8_t ticks;

ISR(TIMER0_OVF_vect) {
    ticks++;
}

__attribute__((noinline)) uint8_t depth(uint8_t levels) {
    volatile uint8_t frame[10];
    frame[0] = levels;
    return levels ? depth(levels - 1) + frame[0] : ticks;
}

__attribute__((noinline)) void pass(uint16_t rounds) {
    while (rounds--) {
        ticks += constants[rounds & 15];
    }
}

int main(void) {
    TIMSK0 = 1;
    TCCR0B = 3;
    sei();
    ticks += untold[1]; // nobody has written it
    volatile uint8_t *block = malloc(20);
    for (uint8_t phase = 1; phase <= 4; phase++) {
        for (uint8_t i = 0; i < sizeof phases; i++) {
            phases[i] = 16 * phase + i;
        }
        only_written[phase] = phase;
        block[phase] = phase;
        pass(500);
        ticks += phases[phase] + depth(phase);
    }
#ifdef ENDLESS
    for (;;) {
        pass(100);
    }
#endif
#ifdef FAULT
    *(volatile uint8_t *)(RAMEND + 100) = 1;
#endif
    cli();
    sleep_enable();
    sleep_cpu();
    return 0;
}
