/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arrivals.c  bytes that come when the line brings them, whether the firmware reads or not.
 *
 * RXC is set as long as there is a byte in the receiver. It has room for three: two in its buffer,
 * one in its shift register. Source: ATmega328P datasheet (Atmel-8271), "Receive Complete Flag and
 * Interrupt", "Receiver Error Flags". libsimavr sets RXC anew a frame after each read. */
#include "engine.h"

#include <simavr/sim_interrupts.h>

static unsigned held(const sim_uart *uart) {
    const uart_fifo_t *fifo = &uart->port->input;
    return (unsigned)(fifo->write - fifo->read) & (uart_fifo_fifo_size - 1);
}

static uint8_t on_read(avr_t *avr, avr_io_addr_t address, void *param) {
    sim_uart *uart = param;
    const uint8_t byte = uart->read_behind(avr, address, uart->read_param);
    if (held(uart)) {
        avr_raise_interrupt(avr, &uart->port->rxc);
    }
    return byte;
}

int sim_uart_arrive(sim *s, uint32_t number, uint8_t byte) {
    sim_uart *uart = &s->uarts[number];
    avr_uart_t *port = uart->port;
    if (!port || !avr_regbit_get(s->avr, port->rxen) || held(uart) >= SIM_RECEIVER_KEEPS) {
        return 0;
    }
    const unsigned io = AVR_DATA_TO_IO(port->r_udr);
    if (!uart->read_behind) {
        uart->read_behind = s->avr->io[io].r.c;
        uart->read_param = s->avr->io[io].r.param;
        s->avr->io[io].r.c = on_read;
        s->avr->io[io].r.param = uart;
    }
    uart_fifo_t *fifo = &port->input;
    fifo->buffer[fifo->write] = byte;
    fifo->write = (fifo->write + 1) & (uart_fifo_fifo_size - 1);
    avr_raise_interrupt(s->avr, &port->rxc);
    return 1;
}

size_t sim_uart_unread(const sim *s, uint32_t uart) {
    return s->uarts[uart].port ? held(&s->uarts[uart]) : 0;
}
