/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/report.h"

#include <avr/io.h>

#include "chip/uart.h"

#define ANSWER_PINS (_BV(PB0) | _BV(PB1))

void report_answer(uint8_t answer) {
    PORTB = (uint8_t)((PORTB & ~ANSWER_PINS) | (answer & ANSWER_PINS));
}

#ifdef UCSR0A

void report_start(void) {
    DDRB |= ANSWER_PINS;
    uart_start();
}

static void put_text(const __flash char *text) {
    for (char letter; (letter = *text) != 0; text++) {
        uart_put((uint8_t)letter);
    }
}

static void put_number(uint16_t number) {
    static const __flash uint16_t powers[] = {10000, 1000, 100, 10, 1};
    uint8_t has_begun = 0;
    for (uint8_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        uint8_t digit = '0';
        for (; number >= powers[i]; number -= powers[i]) {
            digit++;
        }
        if (digit != '0' || has_begun || powers[i] == 1) {
            uart_put(digit);
            has_begun = 1;
        }
    }
}

void report_hundred(uint16_t hundreds, uint8_t right) {
    static const __flash char step[] = "step ", colon[] = "00: ", total[] = " of 100\n";
    put_text(step);
    put_number(hundreds);
    put_text(colon);
    put_number(right);
    put_text(total);
}

#else

void report_start(void) {
    DDRB |= ANSWER_PINS;
}

void report_hundred(uint16_t hundreds, uint8_t right) {
    (void)hundreds;
    (void)right;
}

#endif
