/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stations.c  places to stop at: calls in one another, a struct, a timer's interrupt, the UART. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <stdint.h>

typedef struct {
    int16_t x, y;
    uint8_t tag[3];
} point;

volatile uint8_t first = 7; /* all there is in .data: at 0x100, where SRAM begins */
volatile uint16_t steps;
volatile uint8_t ticks;
volatile point here;

ISR(TIMER0_OVF_vect) {
    ticks++;
}

__attribute__((noinline)) static int16_t twice(int16_t n) {
    steps++;
    return n * 2;
}

__attribute__((noinline)) static int16_t around(int16_t n) {
    const int16_t inner = twice(n);
    here.x = inner;
    return inner + 1;
}

int main(void) {
    here.tag[2] = 3;
    TCCR0B = 1 << CS00;
    TIMSK0 = 1 << TOIE0;
    UCSR0B = 1 << TXEN0;
    sei();
    for (uint8_t round = 0;; round++) {
        here.y = around(round);
        if (round % 16 == 0) {
            first = round + 1;
        }
        if (round == 40) {
            UDR0 = 'r';
        }
    }
}
