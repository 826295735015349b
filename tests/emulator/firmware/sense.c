/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies ADC channel 0 to `code`, pin B0 to pin B1 and to `seen`; counts its rounds. */
#include <avr/io.h>

volatile uint16_t code;
volatile uint8_t seen;
volatile uint16_t rounds;

int main(void) {
    DDRB = 1 << 1;
#ifdef PULL_UP
    PORTB = 1 << 0;
#endif
#ifdef ADMUXB /* ATtiny841 */
    ADMUXA = (ADMUX_VALUE)&0x3F;
    ADMUXB = (ADMUX_VALUE) >> 8;
#else
    ADMUX = ADMUX_VALUE;
#endif
    ADCSRA = 1 << ADEN | 1 << ADPS0;
    rounds = 0;
    for (;;) {
        ADCSRA |= 1 << ADSC;
        while (ADCSRA & 1 << ADSC) {}
        code = ADC;
        seen = PINB & 1;
        if (seen) {
            PORTB |= 1 << 1;
        } else {
            PORTB &= (uint8_t) ~(1 << 1);
        }
        rounds++;
    }
}
