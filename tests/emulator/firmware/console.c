/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says "ready" on a UART, then does what each byte from there tells it to. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#ifndef UART
#define UART 0
#endif
#define JOIN(a, b, c) a##b##c
#define NAME(a, b, c) JOIN(a, b, c)
#define UCSRA NAME(UCSR, UART, A)
#define UCSRB NAME(UCSR, UART, B)
#define UDR NAME(UDR, UART, )

uint8_t __attribute__((section(".noinit"))) mode; /* nobody sets it */
uint16_t table[20];

static void send(char c) {
    while (!(UCSRA & _BV(NAME(UDRE, UART, )))) {}
    UDR = c;
}

static void say(const char *text) {
    while (*text) {
        send(*text++);
    }
}

static char receive(void) {
    while (!(UCSRA & _BV(NAME(RXC, UART, )))) {}
    return UDR;
}

int main(void) {
    UCSRB = _BV(NAME(RXEN, UART, )) | _BV(NAME(TXEN, UART, ));
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
