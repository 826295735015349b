/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says "ready" on UART 0, then does what a byte from there tells it to. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

uint8_t __attribute__((section(".noinit"))) mode; /* nobody sets it */
uint16_t table[20];

static void send(char c) {
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = c;
}

static void say(const char *text) {
    while (*text) {
        send(*text++);
    }
}

static char receive(void) {
    while (!(UCSR0A & _BV(RXC0))) {
    }
    return UDR0;
}

int main(void) {
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    say("ready\n");
    for (;;) {
        char order = receive();
        switch (order) {
        case 'e': /* end */
            say("bye\n");
            cli();
            sleep_enable();
            sleep_cpu();
        case 'u': /* use what nobody has set */
            send('0' + (mode & 7));
            break;
        case 'c': /* crash */
            *(volatile uint8_t *)0xF000 = 1;
            break;
        case 'p': /* print PASS, then FAIL, of 4 bytes each */
            say("PASSFAIL");
            break;
        case 't': /* put to use */
            table[mode & 1]++;
            break;
        default: /* echo */
            send(order);
        }
    }
}
