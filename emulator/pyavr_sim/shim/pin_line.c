/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pin_line.c  a serial port outside the chip on two of its pins, for firmware that times its bits.
 *
 *   8N1: start bit low, 8 data bits, the lowest first, stop bit high; idle high.
 *   edge of bit b       frame's start + b hz / baud, to the nearest cycle
 *   sample of bit b     frame's start + (b + 1/2) hz / baud
 *
 * From the chip: a fall of its TX pin starts a frame; when the middle of the start bit is high it
 * was a glitch. A stop bit that is low is counted, and the byte is kept, as pyserial's settings
 * make a PC do.
 * To the chip: one that times bits hears nothing while it sends or computes, so a byte waits until
 * TX is an output and has been at rest for a frame, as behind the last byte of a reply.
 *
 * The plain values of pin_line hold all of it: cycle timers find there what is due, and those that
 * a reset of the chip has thrown away are made anew. */
#include "engine.h"

#include <simavr/avr_ioport.h>
#include <simavr/sim_cycle_timers.h>

enum { START = 0, STOP = 9, FRAME_BITS = 10 };

static pin_line *line_of(const sim_uart *uart) {
    return &uart->owner->lines[uart - uart->owner->uarts];
}

static uint64_t bits_later(const sim_uart *uart, uint64_t start, unsigned halves) {
    const uint64_t two_bauds = 2 * (uint64_t)line_of(uart)->baud;
    return start + ((uint64_t)halves * uart->owner->avr->frequency + two_bauds / 2) / two_bauds;
}

static avr_ioport_state_t tx_port(const sim_uart *uart) {
    avr_ioport_state_t state = {0};
    avr_ioctl(uart->owner->avr, AVR_IOCTL_IOPORT_GETSTATE(line_of(uart)->tx_port), &state);
    return state;
}

/* To the chip */

static void set_rx(const sim_uart *uart, int level) {
    const pin_line *line = line_of(uart);
    sim *s = uart->owner;
    if (s->drive[line->rx_port - 'A'][line->rx_pin] != level) {
        sim_pin_drive(s, line->rx_port, line->rx_pin, level);
    }
}

/* 0: the chip may listen; else the cycle to ask again. */
static uint64_t wait_for_rest(const sim_uart *uart, uint64_t now) {
    pin_line *line = line_of(uart);
    if (!(tx_port(uart).ddr >> line->tx_pin & 1)) {
        line->rests_from = bits_later(uart, now, 2 * FRAME_BITS);
        return bits_later(uart, now, 2);
    }
    return now < line->rests_from ? line->rests_from : 0;
}

static avr_cycle_count_t send(avr_t *avr, avr_cycle_count_t when, void *param) {
    sim_uart *uart = param;
    pin_line *line = line_of(uart);
    (void)avr;
    if (line->to_bit == FRAME_BITS) {
        line->to_bit = START;
    }
    if (line->to_bit == START) {
        if (!uart->to_chip.count) {
            return line->to_due = 0;
        }
        const uint64_t later = wait_for_rest(uart, when);
        if (later) {
            return line->to_due = later;
        }
        line->to_frame = (uint16_t)(ring_take(&uart->to_chip) << 1 | 1 << STOP);
        line->to_start = when;
    }
    set_rx(uart, line->to_frame >> line->to_bit & 1);
    line->to_bit++;
    return line->to_due = bits_later(uart, line->to_start, 2u * line->to_bit);
}

void pin_line_pump(sim_uart *uart) {
    pin_line *line = line_of(uart);
    if (!line->to_due && uart->to_chip.count) {
        line->to_due = uart->owner->avr->cycle + 1;
        avr_cycle_timer_register(uart->owner->avr, 1, send, uart);
    }
}

/* From the chip */

static avr_cycle_count_t sample(avr_t *avr, avr_cycle_count_t when, void *param) {
    sim_uart *uart = param;
    pin_line *line = line_of(uart);
    const int level = sim_pin_level(uart->owner, line->tx_port, line->tx_pin);
    (void)avr;
    (void)when;
    if (line->from_bit == START && level) {
        return line->from_due = 0;
    }
    line->from_frame |= (uint16_t)(level << line->from_bit);
    if (line->from_bit == STOP) {
        line->framing_errors += !level;
        uart_received(uart, (uint8_t)(line->from_frame >> 1));
        return line->from_due = 0;
    }
    line->from_bit++;
    return line->from_due = bits_later(uart, line->from_start, 2u * line->from_bit + 1);
}

static void on_tx(avr_irq_t *irq, uint32_t level, void *param) {
    sim_uart *uart = param;
    pin_line *line = line_of(uart);
    avr_t *avr = uart->owner->avr;
    line->rests_from = bits_later(uart, avr->cycle, 2 * FRAME_BITS);
    if (!level && irq->value && !line->from_due) {
        line->from_start = avr->cycle;
        line->from_frame = line->from_bit = START;
        line->from_due = bits_later(uart, avr->cycle, 1);
        avr_cycle_timer_register(avr, line->from_due - avr->cycle, sample, uart);
    }
}

static void resume(avr_t *avr, uint64_t due, avr_cycle_timer_t timer, sim_uart *uart) {
    if (due) {
        avr_cycle_timer_register(avr, due > avr->cycle ? due - avr->cycle : 1, timer, uart);
    }
}

void pin_lines_reset(sim *s) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        resume(s->avr, s->lines[u].to_due, send, &s->uarts[u]);
        resume(s->avr, s->lines[u].from_due, sample, &s->uarts[u]);
    }
}

/* Attaching */

static int is_taken(const sim *s, char port, uint32_t pin) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        const pin_line *line = &s->lines[u];
        if (line->baud && ((line->rx_port == port && line->rx_pin == pin) ||
                           (line->tx_port == port && line->tx_pin == pin))) {
            return 1;
        }
    }
    return 0;
}

static int free_uart(const sim *s) {
    int u = 0;
    while (u < SIM_UARTS_MAX && (s->uarts[u].port || s->lines[u].baud)) {
        u++;
    }
    return u;
}

int sim_line_attach(sim *s, char rx_port, uint32_t rx_pin, char tx_port, uint32_t tx_pin,
                    uint32_t baud) {
    const int u = free_uart(s);
    const int same = rx_port == tx_port && rx_pin == tx_pin;
    if (sim_pin_level(s, rx_port, rx_pin) < 0 || sim_pin_level(s, tx_port, tx_pin) < 0) {
        return SIM_LINE_NO_PIN;
    }
    if (same || is_taken(s, rx_port, rx_pin) || is_taken(s, tx_port, tx_pin)) {
        return SIM_LINE_PIN_TAKEN;
    }
    if (!baud || baud > s->avr->frequency / SIM_LINE_BIT_CYCLES_MIN) {
        return SIM_LINE_BAUD;
    }
    if (u == SIM_UARTS_MAX || !ring_reserve(&s->uarts[u].from_chip, 0)) {
        return SIM_LINE_NO_ROOM;
    }
    sim_uart *uart = &s->uarts[u];
    uart->owner = s;
    ring_replace(&uart->to_chip, NULL, 0);
    ring_replace(&uart->from_chip, NULL, 0);
    s->lines[u] = (pin_line){.rx_port = rx_port,
                             .tx_port = tx_port,
                             .rx_pin = (uint8_t)rx_pin,
                             .tx_pin = (uint8_t)tx_pin,
                             .baud = baud};
    sim_pin_drive(s, rx_port, rx_pin, 1);
    sim_pin_drive(s, tx_port, tx_pin, 1); /* the pull-up of a port that nobody drives */
    avr_irq_register_notify(avr_io_getirq(s->avr, AVR_IOCTL_IOPORT_GETIRQ(tx_port), (int)tx_pin),
                            on_tx, uart);
    return u;
}

uint32_t sim_line_framing_errors(const sim *s, uint32_t uart) {
    return s->lines[uart].framing_errors;
}
