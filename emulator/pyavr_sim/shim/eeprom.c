/* SPDX-License-Identifier: GPL-3.0-or-later */
/* eeprom.c  the EEPROM's control register and the time that it takes.
 *
 * Source: ATmega328P datasheet (Atmel-8271), "EECR", table "EEPROM Mode Bits" and "EEPROM
 * Read/Write Access": a read halts the CPU for four cycles, the start of a write for two; EEPE
 * reads as one until the write is done, and reads and further writes are ignored meanwhile. The
 * ready interrupt asks as long as EEPE is clear. libsimavr 1.6 halts nothing and clears EEPE at
 * once.
 *
 * The byte is stored when its write starts. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>
#include <simavr/sim_time.h>

enum {
    READ_HALT_CYCLES = 4,
    WRITE_HALT_CYCLES = 2,
    ARMED_CYCLES = 4, /* EEPE must follow EEMPE within these */
    ERASE_AND_WRITE_US = 3400,
    HALF_WRITE_US = 1800,    /* erase or write alone */
    WITHOUT_MODES_US = 8500, /* ATmega8 and its time: Atmel-2486, "EEPROM Programming Time" */
};

typedef enum { ERASE_AND_WRITE, ERASE_ONLY, WRITE_ONLY } write_mode;

static uint8_t bits(avr_regbit_t flag) {
    return (uint8_t)(flag.mask << flag.bit);
}

static uint8_t *cell(const sim *s) {
    const avr_eeprom_t *port = s->eeprom_port;
    const uint8_t *data = s->avr->data;
    const unsigned high = port->r_eearh ? data[port->r_eearh] : 0;
    return port->eeprom + (data[port->r_eearl] | high << 8) % port->size;
}

void eeprom_raise_level(sim *s) {
    avr_eeprom_t *port = s->eeprom_port;
    if (port && avr_regbit_get(s->avr, port->ready.enable) && !avr_regbit_get(s->avr, port->eepe)) {
        avr_raise_interrupt(s->avr, &port->ready);
    }
}

static avr_cycle_count_t disarm(avr_t *avr, avr_cycle_count_t when, void *param) {
    (void)when;
    avr_regbit_clear(avr, ((sim *)param)->eeprom_port->eempe);
    return 0;
}

static avr_cycle_count_t write_done(avr_t *avr, avr_cycle_count_t when, void *param) {
    (void)when;
    sim *s = param;
    avr_regbit_clear(avr, s->eeprom_port->eepe);
    eeprom_raise_level(s);
    return 0;
}

static void start_write(sim *s) {
    avr_t *avr = s->avr;
    avr_eeprom_t *port = s->eeprom_port;
    const uint8_t value = avr->data[port->r_eedr];
    const int has_modes = port->eepm[0].reg != 0;
    const unsigned mode = has_modes ? avr_regbit_get_array(avr, port->eepm, 2) : ERASE_AND_WRITE;
    uint8_t *at = cell(s);
    *at = mode == ERASE_ONLY ? 0xFF : mode == WRITE_ONLY ? *at & value : value;
    avr_regbit_set(avr, port->eepe);
    avr_regbit_clear(avr, port->eempe);
    const uint32_t us = !has_modes                ? WITHOUT_MODES_US
                        : mode == ERASE_AND_WRITE ? ERASE_AND_WRITE_US
                                                  : HALF_WRITE_US;
    avr_cycle_timer_register(avr, avr_usec_to_cycles(avr, us), write_done, s);
    halt(s, WRITE_HALT_CYCLES);
}

static void on_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *param) {
    const register_hook *hook = param;
    sim *s = hook->owner;
    if (s->rules == SIM_RULES_SIMAVR) {
        hook_pass_on(hook, avr, address, value);
        return;
    }
    avr_eeprom_t *port = s->eeprom_port;
    const uint8_t old = avr->data[address];
    const int is_busy = avr_regbit_get(avr, port->eepe);
    const int is_armed = avr_regbit_get(avr, port->eempe);
    const uint8_t modes = bits(port->eepm[0]) | bits(port->eepm[1]);
    uint8_t now = value & (uint8_t) ~(bits(port->eepe) | bits(port->eere));
    if (is_busy) {
        now = (now & (uint8_t)~modes) | (old & modes) | bits(port->eepe);
    }
    avr->data[address] = now;
    if (!is_armed && avr_regbit_get(avr, port->eempe)) {
        avr_cycle_timer_register(avr, ARMED_CYCLES, disarm, s);
    }
    if (is_armed && !is_busy && value & bits(port->eepe)) {
        start_write(s);
    } else if (!is_busy && value & bits(port->eere)) {
        avr->data[port->r_eedr] = *cell(s);
        halt(s, READ_HALT_CYCLES);
    }
    eeprom_raise_level(s);
}

void eeprom_attach(sim *s) {
    for (avr_io_t *io = s->avr->io_port; io; io = io->next) {
        if (strcmp(io->kind, "eeprom") == 0) {
            s->eeprom_port = (avr_eeprom_t *)io;
            hook_register(&s->eeprom_hook, s->avr, s->eeprom_port->r_eecr, on_control, s);
        }
    }
}
