/* SPDX-License-Identifier: GPL-3.0-or-later */
/* external_interrupts.c  the low level of INTn.
 *
 * Source: ATmega328P datasheet (Atmel-8271), "External Interrupts": configured for the low level,
 * an interrupt asks as long as it is enabled and its pin is low, is not latched, and its flag
 * always reads as zero. libsimavr 1.6 polls such a pin every cycle, by a timer with a context on
 * the heap that no snapshot could bring back, whatever the mode has become; here it never does. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_interrupts.h>

static int asks_by_level(avr_t *avr, avr_extint_t *port, int n) {
    return port->eint[n].isc[1].reg && avr_regbit_get_array(avr, port->eint[n].isc, 2) == 0;
}

/* Its place in libsimavr's queue too, which would fill up with those that were withdrawn. */
static void withdraw(avr_t *avr, avr_int_vector_t *vector) {
    if (!vector->pending) {
        return;
    }
    avr_int_pending_t *queue = &avr->interrupts.pending;
    unsigned kept = queue->read;
    for (unsigned i = queue->read; i != queue->write; i = (i + 1) % avr_int_pending_fifo_size) {
        if (queue->buffer[i] != vector) {
            queue->buffer[kept] = queue->buffer[i];
            kept = (kept + 1) % avr_int_pending_fifo_size;
        }
    }
    queue->write = (uint16_t)kept;
    avr_clear_interrupt(avr, vector);
}

static void follow_level(avr_t *avr, avr_int_vector_t *vector, int is_low) {
    if (is_low && avr_regbit_get(avr, vector->enable)) {
        avr_raise_interrupt(avr, vector);
        avr_regbit_clear(avr, vector->raised);
    } else {
        withdraw(avr, vector);
    }
}

void external_interrupts_raise_levels(sim *s) {
    avr_extint_t *port = s->external_port;
    for (int n = 0; port && n < EXTINT_COUNT && port->eint[n].port_ioctl; n++) {
        if (avr_regbit_get(s->avr, port->eint[n].vector.enable) && asks_by_level(s->avr, port, n)) {
            const char letter = (char)(port->eint[n].port_ioctl & 0xFF);
            const int is_low = sim_pin_level(s, letter, port->eint[n].port_pin) == 0;
            follow_level(s->avr, &port->eint[n].vector, is_low);
        }
    }
}

static void on_pin(avr_irq_t *irq, uint32_t value, void *param) {
    sim *s = param;
    if (s->rules == SIM_RULES_DATASHEET && asks_by_level(s->avr, s->external_port, (int)irq->irq)) {
        follow_level(s->avr, &s->external_port->eint[irq->irq].vector, value == 0);
    }
}

/* A write of the mode or of the enable bits. */
static void on_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *param) {
    const register_hook *hook = param;
    sim *s = hook->owner;
    avr_extint_t *port = s->external_port;
    if (s->rules == SIM_RULES_SIMAVR) {
        hook_pass_on(hook, avr, address, value);
        return;
    }
    for (int n = 0; n < EXTINT_COUNT && port->eint[n].port_ioctl; n++) {
        if (asks_by_level(avr, port, n)) {
            withdraw(avr, &port->eint[n].vector);
        }
    }
    hook_pass_on(hook, avr, address, value);
    external_interrupts_raise_levels(s);
}

void external_interrupts_reset(sim *s) {
    for (int n = 0; s->external_port && n < EXTINT_COUNT; n++) {
        s->external_port->eint[n].strict_lvl_trig = 0; /* do not poll */
    }
}

void external_interrupts_attach(sim *s) {
    avr_io_t *io = s->avr->io_port;
    while (io && strcmp(io->kind, "extint") != 0) {
        io = io->next;
    }
    s->external_port = (avr_extint_t *)io;
    for (int n = 0; io && n < EXTINT_COUNT && s->external_port->eint[n].port_ioctl; n++) {
        const avr_io_addr_t enable = s->external_port->eint[n].vector.enable.reg;
        const avr_io_addr_t mode = s->external_port->eint[n].isc[0].reg;
        hook_register(&s->external_hooks[n][0], s->avr, enable, on_control, s);
        hook_register(&s->external_hooks[n][1], s->avr, mode, on_control, s);
        avr_irq_register_notify(io->irq + n, on_pin, s);
    }
    external_interrupts_reset(s);
}
