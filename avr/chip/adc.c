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

/* The converter's clock is F_CPU / 2^PRESCALER, at most 200 kHz for all 10 bits. */
#define PRESCALER                                                                                  \
    (F_CPU > 12800000UL  ? 7                                                                       \
     : F_CPU > 6400000UL ? 6                                                                       \
     : F_CPU > 3200000UL ? 5                                                                       \
     : F_CPU > 1600000UL ? 4                                                                       \
                         : 3)

void adc_start(void) {
    ADCSRA = _BV(ADEN) | PRESCALER;
}

static inline __attribute__((always_inline)) void convert(uint8_t channel) {
    SELECT = SUPPLY | channel;
    ADCSRA |= _BV(ADSC);
    while (ADCSRA & _BV(ADSC)) {}
}

uint16_t adc_value(uint8_t channel) {
    convert(channel);
    return ADC;
}

uint8_t adc_byte(uint8_t channel) {
    convert(channel);
    return (uint8_t)(ADC >> 2);
}
