/* SPDX-License-Identifier: GPL-3.0-or-later */
/* interrupts.c  when a pending interrupt is taken and what it costs.
 *
 * The datasheets' rules (ATmega328P, Atmel-8271, "Reset and Interrupt Handling", "Interrupt
 * Response Time", "Sleep Modes"; the others say the same):
 *  - the response takes four clock cycles, from the end of the instruction that was running to the
 *    instruction at the vector;
 *  - an interrupt that ends a sleep costs four more, and the oscillator's start-up time: six cycles
 *    when the mode has stopped it (the clock is taken for the internal oscillator or an external
 *    clock: "Start-up times for the internal calibrated RC oscillator");
 *  - the instruction behind SEI, and one instruction of the main program behind RETI, are executed
 *    before any pending interrupt; SLEEP behind SEI therefore sleeps;
 *  - the lowest vector goes first.
 * avr-gcc's prologues rely on a write of SREG that sets I to delay as SEI does.
 *
 * interrupt_state is libsimavr's: -2 at SEI, -1 when the next instruction is to come. libsimavr
 * itself goes by way of 1, and so lets two instructions pass. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>

enum { RESPONSE_CYCLES = 4, WAKE_CYCLES = 4, START_UP_CYCLES = 6 };

/* Where a family keeps its sleep mode (the attiny84's is the attiny841's, too): two or three bits;
 * 0 is idle, 1 ADC noise reduction, and the others stop the oscillator or take as long. Source:
 * tables "Sleep Mode Select". */
typedef struct {
    const char *family;
    uint8_t address, shift, mask;
} sleep_mode;
static const sleep_mode sleep_modes[] = {
    {"attiny13", 0x55, 3, 3},  {"attiny25", 0x55, 3, 3},   {"attiny45", 0x55, 3, 3},
    {"attiny85", 0x55, 3, 3},  {"attiny24", 0x55, 3, 3},   {"attiny44", 0x55, 3, 3},
    {"attiny84", 0x55, 3, 3},  {"attiny88", 0x53, 1, 3},   {"attiny1634", 0x56, 5, 3},
    {"atmega48", 0x53, 1, 7},  {"atmega88", 0x53, 1, 7},   {"atmega168", 0x53, 1, 7},
    {"atmega328", 0x53, 1, 7}, {"atmega164", 0x53, 1, 7},  {"atmega324", 0x53, 1, 7},
    {"atmega644", 0x53, 1, 7}, {"atmega1284", 0x53, 1, 7},
};

static unsigned start_up_cycles(const avr_t *avr) {
    for (size_t i = 0; i < sizeof sleep_modes / sizeof *sleep_modes; i++) {
        const sleep_mode *m = &sleep_modes[i];
        if (strncmp(avr->mmcu, m->family, strlen(m->family)) == 0) {
            return (avr->data[m->address] >> m->shift & m->mask) > 1 ? START_UP_CYCLES : 0;
        }
    }
    return 0;
}

static int some_interrupt_waits(avr_t *avr) {
    for (int i = 0; i < avr->interrupts.vector_count; i++) {
        const avr_int_vector_t *vector = avr->interrupts.vector[i];
        if (vector->pending && avr_regbit_get(avr, vector->enable)) {
            return 1;
        }
    }
    return 0;
}

void interrupts_return(sim *s) {
    if (s->rules == SIM_RULES_DATASHEET) {
        s->avr->interrupt_state = -2; /* also when the handler had set I itself */
        usarts_raise_levels(s);
        eeprom_raise_level(s);
    }
}

void interrupts_serve(sim *s) {
    avr_t *avr = s->avr;
    if (s->rules == SIM_RULES_SIMAVR) {
        avr_service_interrupts(avr);
        return;
    }
    if (avr->interrupt_state < 0 && ++avr->interrupt_state < 0) {
        return;
    }
    while (avr->sreg[S_I] && has_pending_interrupts(avr)) {
        avr->interrupt_state = 1;
        avr_service_interrupts(avr); /* takes the lowest, or forgets one that was withdrawn */
        if (!avr->sreg[S_I]) {
            avr->cycle += RESPONSE_CYCLES;
            external_interrupts_raise_levels(s);
            if (avr->cycle_timers.timer && avr->cycle_timers.timer->when <= avr->cycle) {
                avr_cycle_timer_process(avr);
            }
        }
    }
    avr->interrupt_state = 0;
}

int interrupts_come_first(const sim *s) {
    return s->rules == SIM_RULES_DATASHEET && (s->asleep || s->avr->interrupt_state > 0);
}

void fall_asleep(sim *s) {
    avr_t *avr = s->avr;
    if (s->rules == SIM_RULES_SIMAVR) {
        if (!avr->sreg[S_I] || !has_pending_interrupts(avr)) {
            avr->state = cpu_Sleeping;
        }
        return;
    }
    s->asleep = 1;
    if (!avr->sreg[S_I] || !some_interrupt_waits(avr)) {
        avr->state = cpu_Sleeping;
    } else { /* SLEEP behind SEI: awake again at once */
        avr->interrupt_state = 1;
    }
}

void wake_up(sim *s) {
    if (s->asleep && s->avr->state == cpu_Running) {
        s->asleep = 0;
        s->avr->cycle += WAKE_CYCLES + start_up_cycles(s->avr);
    }
}
