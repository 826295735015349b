/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends 0, 1, 2 ... 255, 0 ... as fast as the UART can, or with -DBLIND faster than that. */
#include <avr/io.h>
#include <avr/sleep.h>

volatile uint16_t sent;

int main(void) {
    UCSR0A = 1 << U2X0;
    UBRR0L = 0;
    UCSR0B = 1 << TXEN0;
    for (uint16_t n = 0; n < 40000; n++) {
#ifndef BLIND
        while (!(UCSR0A & 1 << UDRE0)) {}
#endif
        UDR0 = (uint8_t)n;
        sent = n + 1;
    }
    sleep_enable();
    sleep_cpu();
}
