/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/pins.h"

#include <avr/io.h>

#ifdef __AVR_ATtiny1634__
#define PINS PINA
#define PORT PORTA
#define DIRECTION DDRA
#else
#define PINS PINB
#define PORT PORTB
#define DIRECTION DDRB
#endif

bool pins_level(uint8_t pin) {
    return PINS >> pin & 1;
}

/* The level before the direction: a pin that should be high is never low on the way. */
void pins_drive(uint8_t pin, bool level) {
    uint8_t bit = (uint8_t)(1 << pin);
    if (level) {
        PORT |= bit;
    } else {
        PORT &= (uint8_t)~bit;
    }
    DIRECTION |= bit;
}
