/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says hello, then sends back every byte plus one. -DPADDING=n makes it n bytes larger. */
#include <avr/io.h>
#include <avr/pgmspace.h>

#ifndef GREETING
#define GREETING 'h'
#endif

#ifdef PADDING
static const uint8_t padding[PADDING] PROGMEM = {[0] = 1, [PADDING / 2] = 2, [PADDING - 1] = 3};
#endif

static void put(uint8_t byte) {
    while (!(UCSR0A & 1 << UDRE0)) {}
    UDR0 = byte;
}

int main(void) {
    UCSR0A = 1 << U2X0;
    UBRR0L = 3;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0;
#ifdef PADDING
    if (pgm_read_byte(&padding[PADDING / 2]) != 2 || pgm_read_byte(&padding[PADDING - 1]) != 3) {
        put('!');
    }
#endif
    put(GREETING);
    for (const char *rest = "ello\n"; *rest; rest++) {
        put((uint8_t)*rest);
    }
    for (;;) {
        while (!(UCSR0A & 1 << RXC0)) {}
        put(UDR0 + 1);
    }
}
