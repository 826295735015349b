/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sleeps; timer 0 wakes it up to count. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#ifndef TIMSK0
#define TIMSK0 TIMSK
#endif

volatile uint16_t ticks;

ISR(TIMER0_OVF_vect) {
    ticks++;
}

int main(void) {
    ticks = 0;
    TCCR0B = 1;
    TIMSK0 = 1 << TOIE0;
    sei();
    sleep_enable();
    for (;;) {
        sleep_cpu();
    }
}
