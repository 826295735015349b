/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the voltage at ADC0 every 10 ms and turns on the alarm, pin B5, above a threshold.
 * On the UART, 38400 baud, it says so. It obeys two lines: "?" asks for the state, "t600" sets the
 * threshold. */
#define BAUD 38400
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdbool.h>
#include <stdlib.h>
#include <util/setbaud.h>

#include "ticks.h"

#define ALARM PB5
#define PERIOD_MS 10
#define HYSTERESIS 20
#define WINDOW 8

static uint16_t samples[WINDOW]; /* the latest readings, 0 to 1023 */
static uint16_t level;           /* their mean */
static uint16_t threshold = 512;
static bool is_alarm;
static char line[8];
static uint8_t line_length;

static void send(const char *text) {
    while (*text) {
        loop_until_bit_is_set(UCSR0A, UDRE0);
        UDR0 = *text++;
    }
}

static void report(void) {
    char digits[6];
    send(is_alarm ? "alarm " : "ok ");
    send(utoa(level, digits, 10));
    send("\n");
}

static uint16_t measure(void) {
    ADCSRA |= 1 << ADSC;
    loop_until_bit_is_clear(ADCSRA, ADSC);
    return ADC;
}

static void update_level(void) {
    static uint8_t next;
    samples[next] = measure();
    next = (next + 1) % WINDOW;
    uint16_t sum = 0;
    for (uint8_t i = 0; i < WINDOW; i++) {
        sum += samples[i];
    }
    level = sum / WINDOW;
}

static void update_alarm(void) {
    bool was_alarm = is_alarm;
    if (level >= threshold) {
        is_alarm = true;
        PORTB |= 1 << ALARM;
    } else if (level + HYSTERESIS < threshold) {
        is_alarm = false;
        PORTB &= ~(1 << ALARM);
    }
    if (is_alarm != was_alarm) {
        report();
    }
}

static void obey(const char *command) {
    if (command[0] == '?') {
        report();
    } else if (command[0] == 't' && atoi(command + 1) > 0) {
        threshold = atoi(command + 1);
        send("threshold\n");
    } else {
        send("what?\n");
    }
}

static void receive(void) {
    while (UCSR0A & 1 << RXC0) {
        char octet = UDR0;
        if (octet == '\n') {
            line[line_length] = '\0';
            line_length = 0;
            obey(line);
        } else if (line_length < sizeof line - 1) {
            line[line_length++] = octet;
        }
    }
}

int main(void) {
    DDRB |= 1 << ALARM;
    UBRR0 = UBRR_VALUE;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0;
    ADMUX = 1 << REFS0;                                        /* ADC0 against AVCC */
    ADCSRA = 1 << ADEN | 1 << ADPS2 | 1 << ADPS1 | 1 << ADPS0; /* 125 kHz */
    ticks_start();
    send("sensor\n");
    for (uint16_t measured = 0;;) {
        receive();
        if (ticks_now() - measured >= PERIOD_MS) {
            measured += PERIOD_MS;
            update_level();
            update_alarm();
        }
        sleep_mode(); /* idle, until the next tick */
    }
}
