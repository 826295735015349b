/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers as in the datasheets' chapter Analog to Digital Converter. The ATtiny841 has its
 * reference in a register of its own, where 0 is the supply. */
#include "chip/adc.h"

#include <avr/io.h>

#ifdef ADMUXA
#define SELECT ADMUXA
#define SUPPLY 0
#else
#define SELECT ADMUX
#if defined(__AVR_ATtiny13A__) || defined(__AVR_ATtiny85__) || defined(__AVR_ATtiny1634__)
#define SUPPLY 0
#else
#define SUPPLY _BV(REFS0)
#endif
#endif

/* F_CPU / 2^PRESCALER: 50 to 200 kHz for all 10 bits. */
#define PRESCALER (F_CPU > 12800000UL ? 7 : 6)

_Static_assert(F_CPU >> PRESCALER >= 50000 && F_CPU >> PRESCALER <= 200000,
               "the converter's clock is out of range at this HZ: choose another HZ=");

void adc_start(void) {
    ADCSRA = _BV(ADEN) | PRESCALER;
}

uint8_t adc_byte(uint8_t channel) {
    SELECT = SUPPLY | channel;
    ADCSRA |= _BV(ADSC);
    while (ADCSRA & _BV(ADSC)) {}
    return (uint8_t)(ADC >> 2);
}
