/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says "ready", then answers on UART 0: ? a reading, d a deep call, n what it forgot to initialise,
 * s sleeps for ever, f jumps into erased flash, and ENQ how deep the stack was. B5 is high
 * meanwhile. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "stack_paint.h"

static volatile uint8_t history[40];
static volatile uint16_t reading = 42;
__attribute__((section(".noinit"))) static volatile uint8_t forgotten;

static void send_byte(uint8_t byte) {
    while (!(UCSR0A & 1 << UDRE0)) {}
    UDR0 = byte;
}

static void send(const char *text) {
    while (*text) {
        send_byte((uint8_t)*text++);
    }
}

__attribute__((noinline)) static void leaf(uint8_t n) {
    volatile uint8_t scratch[100];
    for (uint8_t i = 0; i < sizeof scratch; i++) {
        scratch[i] = n;
    }
    history[n % sizeof history] = scratch[n % sizeof scratch];
}

__attribute__((noinline)) static void dive(uint8_t n) {
    leaf(n);
    history[0]++;
}

__attribute__((noinline)) static void recall(void) {
    history[1] = forgotten; /* nobody wrote it */
}

static void answer(uint8_t byte) {
    switch (byte) {
    case '?':
        send("reading ");
        send_byte((uint8_t)('0' + reading / 10));
        send_byte((uint8_t)('0' + reading % 10));
        send("\n");
        break;
    case 'd':
        dive(3);
        send("dived\n");
        break;
    case 'n':
        recall();
        send("recalled\n");
        break;
    case 's':
        cli();
        sleep_enable();
        sleep_cpu();
        break;
    case 'f':
        ((void (*)(void))0x3000)();
        break;
    case STACK_PAINT_ENQUIRY:
        stack_paint_report(send_byte);
        break;
    }
}

int main(void) {
    UBRR0 = 103;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0;
    DDRB = 1 << DDB5;
    send(GREETING "\n");
    for (;;) {
        while (!(UCSR0A & 1 << RXC0)) {}
        PORTB = 1 << PORTB5;
        answer(UDR0);
        PORTB = 0;
    }
}
