/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sleeps until a pin changes (PCINT0 on A0 or B0), and counts. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

volatile uint8_t wakes;

ISR(PCINT0_vect) {
    wakes++;
}

int main(void) {
    wakes = 0;
#ifdef PCMSK0
    PCMSK0 = 1;
#ifdef PCICR
    PCICR = 1;
#else
    GIMSK = 1 << PCIE0;
#endif
#else
    PCMSK = 1;
    GIMSK = 1 << PCIE;
#endif
    sei();
    for (;;) {
        sleep_enable();
        sleep_cpu();
    }
}
