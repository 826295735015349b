/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recording.c  a recording's begin and end, and the changes of pins, variables and SP. */
#include "recording.h"

#include <stdlib.h>

#include <simavr/avr_ioport.h>

void note_change(change_log *log, sim_change change) {
    if (log->count < SIM_CHANGES_MAX) {
        log->changes[log->count++] = change;
    } else {
        log->dropped++;
    }
}

void recording_sp(sim *s, uint16_t sp) {
    note_change(&s->recording->flow,
                (sim_change){.cycle = s->avr->cycle, .value = sp, .kind = SIM_CHANGE_SP});
}

void recording_stored(sim *s, uint16_t address, uint8_t value) {
    if (s->recording->watched[address]) {
        note_change(&s->recording->levels, (sim_change){.cycle = s->avr->cycle,
                                                        .subject = address,
                                                        .value = value,
                                                        .kind = SIM_CHANGE_BYTE});
    }
}

int recording_watches(const sim *s, uint16_t address) {
    return s->recording->watched[address];
}

void recording_pins(sim *s) {
    recording *r = s->recording;
    for (int port = 0; port < SIM_PORTS_MAX; port++) {
        for (uint32_t pin = 0; pin < 8; pin++) {
            const int level = sim_pin_level(s, (char)('A' + port), pin);
            if (level < 0 || level == (r->pins[port] >> pin & 1)) {
                continue;
            }
            r->pins[port] ^= (uint8_t)(1u << pin);
            note_change(&r->levels, (sim_change){.cycle = s->avr->cycle,
                                                 .subject = (uint32_t)port * 8 + pin,
                                                 .value = (uint16_t)level,
                                                 .kind = SIM_CHANGE_PIN});
        }
    }
}

static void on_port(avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    (void)value;
    recording_pins(param);
}

/* libsimavr raises PIN_ALL after the firmware or a peripheral has changed PORT, DDR or PIN. */
static void watch_ports(sim *s, int on) {
    for (int port = 0; port < SIM_PORTS_MAX; port++) {
        avr_irq_t *irq =
            avr_io_getirq(s->avr, AVR_IOCTL_IOPORT_GETIRQ('A' + port), IOPORT_IRQ_PIN_ALL);
        if (irq && on) {
            avr_irq_register_notify(irq, on_port, s);
        } else if (irq) {
            avr_irq_unregister_notify(irq, on_port, s);
        }
    }
}

static void release(recording *r) {
    free(r->nodes);
    free(r->slots);
    free(r->node_of);
    free(r->flow.changes);
    free(r->levels.changes);
    free(r->watched);
    free(r);
}

int sim_recording_begin(sim *s) {
    sim_recording_end(s);
    recording *r = calloc(1, sizeof *r);
    if (!r) {
        return 0;
    }
    r->nodes = calloc(SIM_CALL_NODES_MAX, sizeof *r->nodes);
    r->slots = calloc(CALL_SLOTS, sizeof *r->slots);
    r->node_of = calloc(SIM_FRAMES_MAX + 1, sizeof *r->node_of);
    r->flow.changes = calloc(SIM_CHANGES_MAX, sizeof *r->flow.changes);
    r->levels.changes = calloc(SIM_CHANGES_MAX, sizeof *r->levels.changes);
    r->watched = calloc(SIM_DATA_BYTES, 1);
    if (!r->nodes || !r->slots || !r->node_of || !r->flow.changes || !r->levels.changes ||
        !r->watched) {
        release(r);
        return 0;
    }
    r->nodes_count = 1;
    s->recording = r;
    recording_resumed(s);
    recording_pins(s); /* those that are high now: each pin is low at first */
    watch_ports(s, 1);
    return 1;
}

void sim_recording_end(sim *s) {
    recording *const r = s->recording;
    if (!r) {
        return;
    }
    watch_ports(s, 0);
    s->recording = NULL;
    for (uint32_t address = s->ram_start; address <= s->ram_end; address++) {
        if (r->watched[address]) {
            attribute_update(s, (uint16_t)address);
        }
    }
    release(r);
}

void sim_recording_watch(sim *s, uint32_t address, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) {
        s->recording->watched[address + i] = 1;
        attribute_update(s, (uint16_t)(address + i));
    }
}

uint32_t sim_recording_calls(sim *s, const sim_call_node **nodes, uint64_t *merged) {
    call_tree_charge(s->recording, s->avr->cycle);
    *nodes = s->recording->nodes;
    *merged = s->recording->merged;
    return s->recording->nodes_count;
}

static uint32_t read_log(const change_log *log, const sim_change **changes, uint64_t *dropped) {
    *changes = log->changes;
    *dropped = log->dropped;
    return log->count;
}

uint32_t sim_recording_flow(const sim *s, const sim_change **changes, uint64_t *dropped) {
    return read_log(&s->recording->flow, changes, dropped);
}

uint32_t sim_recording_levels(const sim *s, const sim_change **changes, uint64_t *dropped) {
    return read_log(&s->recording->levels, changes, dropped);
}
