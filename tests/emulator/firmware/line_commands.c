/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_commands.c  a talker for the serial port tests. Says R at start, then obeys letters:
 * e = say the next byte, d = say . after 200 ms, z = sleep for good, f = write beyond SRAM. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <util/delay.h>

volatile uint8_t commands;

static uint8_t receive(void) {
    while (!(UCSR0A & 1 << RXC0)) {}
    return UDR0;
}

static void send(uint8_t byte) {
    while (!(UCSR0A & 1 << UDRE0)) {}
    UDR0 = byte;
}

int main(void) {
    commands = 0;
    UCSR0A = 1 << U2X0;
    UBRR0L = 0;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0;
    send('R');
    for (;;) {
        uint8_t command = receive();
        commands++;
        switch (command) {
        case 'e':
            send(receive());
            break;
        case 'd':
            _delay_ms(200);
            send('.');
            break;
        case 'z':
            cli();
            sleep_enable();
            sleep_cpu();
            break;
        case 'f':
            *(volatile uint8_t *)(RAMEND + 1) = 1;
            break;
        }
    }
}
