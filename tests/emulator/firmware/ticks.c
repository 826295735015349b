/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timer 0 overflows into an interrupt that calls a function, while main computes. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#ifndef TIMSK0
#define TIMSK0 TIMSK
#endif

volatile uint16_t ticks;
volatile uint32_t sum;

__attribute__((noinline)) void step(uint16_t n) {
    sum += n ^ (uint16_t)(sum >> 3);
}

ISR(TIMER0_OVF_vect) {
    ticks++;
}

int main(void) {
    ticks = 0;
    sum = 1;
    TCCR0B = 1;
    TIMSK0 = 1 << TOIE0;
    sei();
    for (uint16_t n = 0; n < 2000; n++) {
        step(n);
    }
    cli();
    sleep_enable();
    sleep_cpu();
}
