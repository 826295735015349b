/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends back every byte plus one, on UART 0 or with -DSECOND on UART 1. */
#include <avr/io.h>

#ifdef SECOND
#define UDR UDR1
#define UCSRA UCSR1A
#define UCSRB UCSR1B
#define UBRRL UBRR1L
#else
#define UDR UDR0
#define UCSRA UCSR0A
#define UCSRB UCSR0B
#define UBRRL UBRR0L
#endif
enum { RXC_BIT = 7, UDRE_BIT = 5, U2X_BIT = 1, RXEN_BIT = 4, TXEN_BIT = 3 };

int main(void) {
    for (volatile uint16_t wait = 0; wait < 1000; wait++) {}
    UCSRA = 1 << U2X_BIT;
    UBRRL = 0;
    UCSRB = 1 << RXEN_BIT | 1 << TXEN_BIT;
    for (;;) {
        while (!(UCSRA & 1 << RXC_BIT)) {}
        uint8_t byte = UDR;
        while (!(UCSRA & 1 << UDRE_BIT)) {}
        UDR = byte + 1;
    }
}
