/* SPDX-License-Identifier: GPL-3.0-or-later */
/* timing.c  cycles of a function from its first instruction to its return.
 *
 * A call lasts until a RET or RETI lifts SP above what it was at entry. Cycles include all that
 * runs meanwhile: callees, interrupts, a tail call's target. A recursive call is part of the
 * outermost one; a jump back to the first instruction is not a call. */
#include "engine.h"

int sim_timing_add(sim *s, uint32_t address) {
    for (int i = 0; i < s->functions_count; i++) {
        if (s->functions[i].address == address) {
            return i;
        }
    }
    if (s->functions_count == SIM_TIMINGS_MAX) {
        return -1;
    }
    s->functions[s->functions_count] = (sim_function){.address = address};
    watch(s, address, 1);
    return s->functions_count++;
}

void sim_timing_get(const sim *s, int handle, sim_timing *out) {
    *out = s->functions[handle].result;
}

/* The executor tells of a RET only when it lifts SP above the lowest entry. */
static void expect_returns(sim *s) {
    s->return_above = UINT16_MAX;
    for (int i = 0; i < s->functions_count; i++) {
        if (s->functions[i].active && s->functions[i].sp_entry < s->return_above) {
            s->return_above = s->functions[i].sp_entry;
        }
    }
}

void timing_enter(sim *s, uint32_t pc) {
    const uint16_t sp = stack_pointer(s->avr);
    for (int i = 0; i < s->functions_count; i++) {
        sim_function *f = &s->functions[i];
        if (f->address != pc || (f->active && sp <= f->sp_entry)) {
            continue;
        }
        /* Active with a lower SP: it was left by longjmp, and never returned. */
        f->active = 1;
        f->sp_entry = sp;
        f->cycle_entry = s->avr->cycle;
    }
    expect_returns(s);
}

void timing_leave(sim *s) {
    const uint16_t sp = stack_pointer(s->avr);
    for (int i = 0; i < s->functions_count; i++) {
        sim_function *f = &s->functions[i];
        if (!f->active || sp <= f->sp_entry) {
            continue;
        }
        const uint64_t cycles = s->avr->cycle - f->cycle_entry;
        sim_timing *r = &f->result;
        if (r->calls == 0 || cycles < r->cycles_min) {
            r->cycles_min = cycles;
        }
        if (cycles > r->cycles_max) {
            r->cycles_max = cycles;
        }
        r->cycles_total += cycles;
        r->calls++;
        f->active = 0;
    }
    expect_returns(s);
}

void timing_abandon(sim *s) {
    for (int i = 0; i < s->functions_count; i++) {
        s->functions[i].active = 0;
    }
    expect_returns(s);
}
