/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uart_ring.c  the cable of each UART: bytes wait in rings on both sides of the chip.
 *
 * To the chip: libsimavr's UART holds 63 bytes and drops what comes while its receiver is off;
 * bytes go in only while there is room and RXEN is set. From the chip: the ring grows, and at its
 * limit the run stops instead of losing a byte. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

enum { RING_FIRST = 1 << 12 };

int ring_is_at_limit(const ring *r) {
    return r->count >= SIM_RING_LIMIT;
}

void ring_copy(const ring *r, uint8_t *bytes) {
    const size_t tail = r->capacity - r->first, straight = r->count < tail ? r->count : tail;
    if (r->count) {
        memcpy(bytes, r->bytes + r->first, straight);
        memcpy(bytes + straight, r->bytes, r->count - straight);
    }
}

int ring_reserve(ring *r, size_t count) {
    size_t capacity = r->capacity ? r->capacity : RING_FIRST;
    while (capacity <= count && capacity < SIM_RING_LIMIT) {
        capacity *= 2;
    }
    if (capacity == r->capacity) {
        return 1;
    }
    uint8_t *bytes = malloc(capacity);
    if (!bytes) {
        return 0;
    }
    ring_copy(r, bytes);
    free(r->bytes);
    r->bytes = bytes;
    r->capacity = capacity;
    r->first = 0;
    return 1;
}

void ring_replace(ring *r, const uint8_t *bytes, size_t count) {
    r->first = 0;
    r->count = count;
    if (count) {
        memcpy(r->bytes, bytes, count);
    }
}

/* Make room for one more byte at least; 0 when there is none to be had. */
static int ring_room(ring *r) {
    return !ring_is_at_limit(r) && (r->count < r->capacity || ring_reserve(r, r->count));
}

static void ring_put(ring *r, uint8_t byte) {
    r->bytes[(r->first + r->count++) & (r->capacity - 1)] = byte;
}

uint8_t ring_take(ring *r) {
    const uint8_t byte = r->bytes[r->first];
    r->first = (r->first + 1) & (r->capacity - 1);
    r->count--;
    return byte;
}

static int takes_bytes(const sim_uart *uart) {
    const uart_fifo_t *fifo = &uart->port->input;
    const unsigned held = (unsigned)(fifo->write - fifo->read) & (uart_fifo_fifo_size - 1);
    return held < uart_fifo_fifo_size - 1 && avr_regbit_get(uart->owner->avr, uart->port->rxen);
}

static void pump(sim_uart *uart) {
    while (uart->to_chip.count && takes_bytes(uart)) {
        avr_raise_irq(uart->input, ring_take(&uart->to_chip));
    }
}

static void on_xon(avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    (void)value;
    pump(param);
}

void uart_received(sim_uart *uart, uint8_t byte) {
    sim *s = uart->owner;
    ring_put(&uart->from_chip, byte);
    if (uart->from_chip.count == uart->stop_at) {
        s->stop_now = SIM_STOP_UART_BYTES;
    } else if (!ring_room(&uart->from_chip)) {
        s->stop_now = SIM_STOP_UART_FULL;
    }
}

static void on_output(avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    uart_received(param, (uint8_t)value);
}

void uarts_attach(sim *s) {
    avr_t *avr = s->avr;
    for (avr_io_t *io = avr->io_port; io; io = io->next) {
        avr_uart_t *port = (avr_uart_t *)io;
        if (strcmp(io->kind, "uart") != 0 || port->name < '0' ||
            port->name >= '0' + SIM_UARTS_MAX) {
            continue;
        }
        sim_uart *uart = &s->uarts[port->name - '0'];
        if (!ring_room(&uart->from_chip)) {
            continue;
        }
        uart->owner = s;
        uart->port = port;
        port->flags = 0; /* neither print lines nor sleep when polled */
        const uint32_t irqs = AVR_IOCTL_UART_GETIRQ(port->name);
        uart->input = avr_io_getirq(avr, irqs, UART_IRQ_INPUT);
        avr_irq_register_notify(avr_io_getirq(avr, irqs, UART_IRQ_OUTPUT), on_output, uart);
        avr_irq_register_notify(avr_io_getirq(avr, irqs, UART_IRQ_OUT_XON), on_xon, uart);
        usart_attach(uart);
    }
}

/* Only bytes that came between two runs: what waited before goes in when the chip asks for it, so
 * that a run in pieces is the same as a run in one. */
void uarts_pump(sim *s) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        if (s->uarts[u].port && s->uarts[u].written) {
            pump(&s->uarts[u]);
        } else if (s->lines[u].baud && s->uarts[u].written) {
            pin_line_pump(&s->uarts[u]);
        }
        s->uarts[u].written = 0;
    }
}

void uarts_free(sim *s) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        free(s->uarts[u].to_chip.bytes);
        free(s->uarts[u].from_chip.bytes);
    }
}

size_t sim_uart_write(sim *s, uint32_t uart, const uint8_t *bytes, size_t count) {
    ring *r = &s->uarts[uart].to_chip;
    size_t done = 0;
    s->uarts[uart].written = 1;
    while (done < count && ring_room(r)) {
        ring_put(r, bytes[done++]);
    }
    return done;
}

size_t sim_uart_read(sim *s, uint32_t uart, uint8_t *bytes, size_t count) {
    ring *r = &s->uarts[uart].from_chip;
    size_t done = 0;
    while (done < count && r->count) {
        bytes[done++] = ring_take(r);
    }
    return done;
}

size_t sim_uart_peek(const sim *s, uint32_t uart, uint8_t *bytes, size_t count) {
    const ring *r = &s->uarts[uart].from_chip;
    if (r->count && r->count <= count) {
        ring_copy(r, bytes);
    }
    return r->count;
}

size_t sim_uart_pending(const sim *s, uint32_t uart) {
    return s->uarts[uart].from_chip.count;
}

size_t sim_uart_waiting(const sim *s, uint32_t uart) {
    return s->uarts[uart].to_chip.count;
}
