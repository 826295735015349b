/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Benchmark of the engine: three interrupts, timer polling and the USART. Timer 0 compares every
 * 1608 cycles and takes a sample of timer 1, timer 2 overflows every 2048, and the transmitter asks
 * for the next byte of a ring; meanwhile the main program measures with timer 1, polled, and sends
 * a line of results every 256 rounds. The checksum takes what the clocks said, so one interrupt
 * that comes a cycle early changes it. ATmega328P. */
#include "apps/probe_engine.h"

#include <avr/interrupt.h>

#define ROUNDS 60000U
#define RING 64 /* a power of two */

static volatile uint8_t ring[RING], ring_head, ring_tail;
static volatile uint8_t compares, overflows;
static volatile uint16_t sampled;

ISR(TIMER0_COMPA_vect) {
    compares++;
    sampled += TCNT1;
}

ISR(TIMER2_OVF_vect) {
    overflows++;
}

ISR(USART_UDRE_vect) {
    UDR0 = ring[ring_tail];
    ring_tail = (ring_tail + 1) % RING;
    if (ring_head == ring_tail) {
        UCSR0B &= (uint8_t)~_BV(UDRIE0);
    }
}

static void put(uint8_t byte) {
    const uint8_t next = (ring_head + 1) % RING;
    while (next == ring_tail) {}
    cli();
    ring[ring_head] = byte;
    ring_head = next;
    UCSR0B |= _BV(UDRIE0);
    sei();
}

static void put_line(uint32_t value) {
    for (uint8_t digit = 0; digit < 8; digit++) {
        const uint8_t nibble = value >> 28;
        put(nibble < 10 ? '0' + nibble : 'a' - 10 + nibble);
        value <<= 4;
    }
    put('\n');
}

static void start_timers(void) {
    OCR0A = 200;
    TCCR0A = _BV(WGM01); /* clear on compare */
    TCCR0B = _BV(CS01);  /* clock / 8 */
    TIMSK0 = _BV(OCIE0A);
    TCCR2B = _BV(CS21); /* clock / 8 */
    TIMSK2 = _BV(TOIE2);
    TCCR1B = _BV(CS10); /* clock */
}

/* Wait for `ticks` of timer 1, by asking it; returns how often it was asked. */
static uint8_t poll_timer(uint16_t ticks) {
    uint8_t asked = 0;
    cli();
    const uint16_t start = TCNT1;
    sei();
    uint16_t now;
    do {
        cli();
        now = TCNT1;
        sei();
        asked++;
    } while (now - start < ticks);
    return asked;
}

int main(void) {
    uart_start();
    start_timers();
    sei();
    uint32_t hash = 2166136261UL;
    uint16_t random = 0xBEEF;
    for (uint16_t round = 0; round < ROUNDS; round++) {
        hash = mix(hash, poll_timer(next_random(&random) & 255));
        hash = mix(hash, compares + overflows);
        hash = mix(hash, (uint8_t)sampled);
        hash = mix(hash, (uint8_t)(TCNT0 + TCNT2));
        if ((round & 255) == 0) {
            put_line(hash);
        }
    }
    while (ring_head != ring_tail) {}
    cli();
    finish(hash);
}
