/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns to recall what stood behind a key. Pins, on ATtiny13A and 85:
 *
 *   PB4        a strobe: the teacher raises it when a symbol is there, and lowers it again
 *   ADC3, PB3  the symbol, 0..supply as 0..15
 *   PB0..PB2   the answer, a value less 8, lowest bit first
 *
 * Nine symbols are a question; the answer is there within ten milliseconds of the ninth. The tenth
 * teaches: a value 8..15 is the right one, a key is silence.
 */
#include <avr/io.h>

#include "chip/clock.h"
#include "kilobyte/recall_head.h"

#define ANSWER (_BV(PB0) | _BV(PB1) | _BV(PB2))
#define SYMBOL_INPUT (_BV(ADLAR) | 3)
#define STROBE PB4
#define ADC_CLOCK (_BV(ADEN) | 6) /* F_CPU / 64 */
#define VALUE_BIT 8

static __attribute__((noinline)) uint8_t next_symbol(void) {
    loop_until_bit_is_set(PINB, STROBE);
    ADCSRA |= _BV(ADSC);
    loop_until_bit_is_clear(ADCSRA, ADSC);
    loop_until_bit_is_clear(PINB, STROBE);
    return ADCH >> 4;
}

int main(void) {
    clock_full_speed();
    DDRB = ANSWER;
    ADMUX = SYMBOL_INPUT;
    ADCSRA = ADC_CLOCK;
    recall_reset();
    for (;;) {
        uint8_t *symbol = net.symbol;
        do {
            *symbol++ = next_symbol();
        } while (symbol != net.symbol + RECALL_LENGTH);
        uint8_t answer = recall_answer();
        PORTB = answer;
        uint8_t label = next_symbol();
        if (label & VALUE_BIT) {
            recall_learn(answer, label);
        }
    }
}
