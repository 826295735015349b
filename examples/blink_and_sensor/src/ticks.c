/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ticks.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#ifdef TIMSK0
#define TIMER_INTERRUPTS TIMSK0
#else
#define TIMER_INTERRUPTS TIMSK /* ATtiny85 */
#endif

static volatile uint16_t ticks;

ISR(TIMER0_COMPA_vect) {
    ticks++;
}

void ticks_start(void) {
    OCR0A = F_CPU / 64 / 1000 - 1;
    TCCR0A = 1 << WGM01;            /* clear on compare match */
    TCCR0B = 1 << CS01 | 1 << CS00; /* clock / 64 */
    TIMER_INTERRUPTS |= 1 << OCIE0A;
    sei();
}

uint16_t ticks_now(void) {
    uint16_t now;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        now = ticks;
    }
    return now;
}
