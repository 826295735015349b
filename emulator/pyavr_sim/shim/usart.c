/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usart.c  length of a frame and the transmitter's two places, as the datasheets have them.
 *
 *   cycles of a frame = (UBRR + 1) (16, or 8 with U2X) (1 start + 5 to 9 data + 0 or 1 parity +
 *                       1 or 2 stop)
 *
 * Source: ATmega328P datasheet (Atmel-8271), "Internal Clock Generation", "Frame Formats",
 * "Transmitter Flags and Interrupts". UDRE is set while the buffer in front of the shift
 * register is free, so a second byte may be written at once; a write while it is full is ignored.
 * libsimavr 1.6 counts a parity bit always, takes a new format at a write of UBRRL alone, and sets
 * UDRE at the end of a frame.
 *
 * A byte counts as sent when the firmware has written it. Frames start at that write; silicon waits
 * for the next tick of the baud rate generator. */
#include "engine.h"

#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>
#include <simavr/sim_time.h>

enum {
    UPM1 = 1 << 5,       /* in UCSRC, on every USART */
    URSEL = 1 << 7,      /* selects UCSRC where it shares its address with UBRRH */
    RESET_FRAME_US = 100 /* libsimavr's, before the first write of UBRRL */
};

static int shares_address(const avr_uart_t *port) {
    return port->r_ucsrc && port->r_ucsrc == port->ubrrh.reg;
}

static uint8_t control_c(const sim_uart *uart) {
    const avr_uart_t *port = uart->port;
    if (shares_address(port)) {
        return uart->control_c;
    }
    return port->r_ucsrc ? uart->owner->avr->data[port->r_ucsrc] : 0x06; /* 8 data bits */
}

static unsigned divisor(const sim_uart *uart) {
    const avr_uart_t *port = uart->port;
    avr_t *avr = uart->owner->avr;
    const unsigned high =
        shares_address(port) ? uart->divisor_high : avr_regbit_get(avr, port->ubrrh);
    return (avr_regbit_get(avr, port->ubrrl) | high << 8) + 1;
}

static unsigned frame_bits(const sim_uart *uart) {
    const unsigned data_bits[] = {5, 6, 7, 8, 8, 8, 8, 9}; /* 4 to 6 are reserved */
    const avr_uart_t *port = uart->port;
    avr_t *avr = uart->owner->avr;
    const uint8_t c = control_c(uart);
    const unsigned size = (c >> port->ucsz.bit & 3) | avr_regbit_get(avr, port->ucsz2) << 2;
    return 1 + data_bits[size] + ((c & UPM1) != 0) + 1 + (c >> port->usbs.bit & 1);
}

static void set_frame_length(sim_uart *uart) {
    const unsigned per_bit =
        divisor(uart) * (avr_regbit_get(uart->owner->avr, uart->port->u2x) ? 8 : 16);
    uart->port->cycles_per_byte = per_bit * frame_bits(uart);
}

/* One byte has left the shift register. */
static avr_cycle_count_t frame_sent(avr_t *avr, avr_cycle_count_t when, void *param) {
    avr_uart_t *port = ((sim_uart *)param)->port;
    if (--port->tx_cnt) {
        avr_raise_interrupt(avr, &port->udrc);
        return when + port->cycles_per_byte;
    }
    avr_raise_interrupt(avr, &port->txc);
    return 0;
}

static void buffer_is_full(avr_t *avr, avr_uart_t *port) {
    avr_clear_interrupt(avr, &port->udrc);
    avr_regbit_clear(avr, port->udrc.raised);
}

static void on_data(avr_t *avr, avr_io_addr_t address, uint8_t value, void *param) {
    const register_hook *hook = param;
    sim_uart *uart = hook->owner;
    avr_uart_t *port = uart->port;
    if (uart->owner->rules == SIM_RULES_SIMAVR) {
        hook_pass_on(hook, avr, address, value);
        return;
    }
    if (!avr_regbit_get(avr, port->txen) || port->tx_cnt == 2) {
        return;
    }
    if (++port->tx_cnt == 1) {
        avr_cycle_timer_register(avr, port->cycles_per_byte, frame_sent, uart);
        usarts_raise_levels(uart->owner);
    } else {
        buffer_is_full(avr, port);
    }
    avr_raise_irq(port->io.irq + UART_IRQ_OUTPUT, value);
}

static void on_format(avr_t *avr, avr_io_addr_t address, uint8_t value, void *param) {
    const register_hook *hook = param;
    sim_uart *uart = hook->owner;
    hook_pass_on(hook, avr, address, value);
    if (uart->owner->rules == SIM_RULES_SIMAVR) {
        return;
    }
    if (shares_address(uart->port) && address == uart->port->r_ucsrc) {
        *(value & URSEL ? &uart->control_c : &uart->divisor_high) =
            value & (value & URSEL ? 0x7F : 0x0F);
    }
    if (uart->port->tx_cnt == 2) {
        buffer_is_full(avr, uart->port); /* what enabling UDRIE has raised */
    }
    set_frame_length(uart);
}

void usart_attach(sim_uart *uart) {
    avr_t *avr = uart->owner->avr;
    const avr_uart_t *port = uart->port;
    if (!port->udrc.vector) {
        return; /* a LIN controller, which counts its bits elsewhere */
    }
    const avr_io_addr_t formats[USART_HOOKS - 1] = {port->r_ucsra, port->r_ucsrb, port->r_ucsrc,
                                                    port->ubrrl.reg, port->ubrrh.reg};
    hook_register(&uart->hooks[0], avr, port->r_udr, on_data, uart);
    for (int i = 1; i < USART_HOOKS; i++) {
        hook_register(&uart->hooks[i], avr, formats[i - 1], on_format, uart);
    }
}

void usarts_reset(sim *s) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        sim_uart *uart = &s->uarts[u];
        if (!uart->port || !uart->port->udrc.vector) {
            continue;
        }
        uart->control_c = 0x06;
        uart->divisor_high = 0;
        if (s->rules == SIM_RULES_SIMAVR) {
            uart->port->cycles_per_byte = avr_usec_to_cycles(s->avr, RESET_FRAME_US);
        } else {
            set_frame_length(uart);
        }
    }
}

/* UDRE asks for its interrupt as long as it is set. */
void usarts_raise_levels(sim *s) {
    avr_t *avr = s->avr;
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        avr_uart_t *port = s->uarts[u].port;
        if (port && port->udrc.vector && avr_regbit_get(avr, port->udrc.raised) &&
            avr_regbit_get(avr, port->udrc.enable)) {
            avr_raise_interrupt(avr, &port->udrc);
        }
    }
}
