/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts INT0, which asks as its pin's low level or, with -DFALLING, at its edge. */
#include <avr/interrupt.h>
#include <avr/io.h>

#ifdef EIMSK
#define ENABLE EIMSK
#define FLAGS EIFR
#define MODE EICRA
#else
#define ENABLE GIMSK
#define FLAGS GIFR
#define MODE MCUCR
#endif

volatile uint16_t taken, loops;
volatile uint8_t ready, enabled, deaf, once, flags;

ISR(INT0_vect) {
    taken++;
    flags |= FLAGS;
    if (once) {
        ENABLE = 0;
    }
}

int main(void) {
#ifdef FALLING
    MODE |= 1 << ISC01;
#endif
    ready = 1;
    for (;;) {
        cli();
        ENABLE = enabled ? 1 << INT0 : 0;
        if (!deaf) {
            sei();
        }
        loops++;
    }
}
