/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Toggles the LED every half second and sleeps in between: an Uno's pin 13, a Digispark's pin 1. */
#include <avr/io.h>
#include <avr/sleep.h>

#include "ticks.h"

#ifdef __AVR_ATtiny85__
#define LED PB1
#else
#define LED PB5
#endif

#define HALF_PERIOD_MS 500

int main(void) {
    DDRB |= 1 << LED;
    ticks_start();
    for (uint16_t toggled = 0;;) {
        if (ticks_now() - toggled >= HALF_PERIOD_MS) {
            toggled += HALF_PERIOD_MS;
            PINB = 1 << LED; /* writing a one toggles the pin */
        }
        sleep_mode(); /* idle, until the next tick */
    }
}
