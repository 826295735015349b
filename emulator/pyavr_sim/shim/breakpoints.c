/* SPDX-License-Identifier: GPL-3.0-or-later */
/* breakpoints.c  a debugger's breakpoints and watched bytes of the data space.
 *
 * A breakpoint is a watched word of flash, and a watched byte of SRAM or I/O takes the slow path of
 * the executor, so all else goes at full speed. r0-r31, SP and SREG are touched by instructions
 * that access no memory: as long as one of them is watched, instructions run one at a time. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_core.h>

static int is_core_register(uint32_t address) {
    return address < 32 || (address >= R_SPL && address <= R_SREG);
}

void sim_break_at(sim *s, uint32_t address, int on) {
    const uint32_t word = address / 2;
    if (word < s->words && s->breakpoints[word] != !!on) {
        s->breakpoints[word] = !!on;
        watch(s, address, on ? 1 : -1);
    }
}

void sim_watch_byte(sim *s, uint32_t address, int read, int write) {
    if (address > s->ram_end) {
        return;
    }
    uint8_t *const now = &s->watched_bytes[address];
    const uint8_t wanted = (read ? SLOW_READ : 0) | (write ? SLOW_WRITE : 0);
    if (is_core_register(address)) {
        s->registers_watched += !!wanted - !!*now;
    }
    *now = wanted;
    attribute_update(s, (uint16_t)address);
}

void sim_expect_hits(sim *s, sim_hits what) {
    s->hits_wanted = what;
    s->hit = (sim_hit){.kind = SIM_HIT_NONE};
    s->breakpoints_from = what == SIM_HITS_STOP ? s->avr->cycle + 1 : 0;
}

void sim_last_hit(const sim *s, sim_hit *out) {
    *out = s->hit;
}

void hit(sim *s, sim_hit found) {
    if (s->hits_wanted == SIM_HITS_IGNORE || s->stop_now != SIM_STOP_CYCLES) {
        return;
    }
    s->hit = found;
    if (s->hits_wanted == SIM_HITS_STOP) {
        s->stop_now = SIM_STOP_HIT;
    }
}

static void hit_by_write(sim *s, uint16_t address, uint32_t pc, uint64_t cycle) {
    if (s->watched_bytes[address] & SLOW_WRITE) {
        hit(s, (sim_hit){SIM_HIT_WRITE, pc, address, cycle});
    }
}

/* It has pushed a return address and cleared I. */
void hit_by_interrupt(sim *s, uint16_t sp, uint32_t pc, uint64_t cycle) {
    const uint16_t to = stack_pointer(s->avr);
    for (uint16_t address = sp; address != to; address--) {
        hit_by_write(s, address, pc, cycle);
    }
    hit_by_write(s, R_SPL, pc, cycle);
    if (sp >> 8 != to >> 8) {
        hit_by_write(s, R_SPH, pc, cycle);
    }
    hit_by_write(s, R_SREG, pc, cycle);
}

void reach_breakpoint(sim *s) {
    if (s->breakpoints[s->avr->pc / 2] && s->avr->cycle >= s->breakpoints_from) {
        hit(s, (sim_hit){SIM_HIT_BREAKPOINT, s->avr->pc, s->avr->pc, s->avr->cycle});
    }
}

int is_at_breakpoint(const sim *s) {
    return s->stop_now == SIM_STOP_HIT && s->hit.kind == SIM_HIT_BREAKPOINT;
}

/* The registers that an instruction reads, a bit each. Source: instruction set manual. */
static uint32_t registers_read(const insn *i) {
    const uint32_t d = 1u << (i->d & 31), r = 1u << (i->r & 31), pair = 3u << (i->r & 31);
    switch (i->op) {
    case OP_mov:
        return r;
    case OP_movw:
    case OP_ld:
    case OP_ld_inc:
    case OP_ld_dec:
    case OP_ldd:
        return pair;
    case OP_st:
    case OP_st_inc:
    case OP_st_dec:
    case OP_std:
        return d | pair;
    case OP_adiw:
    case OP_sbiw:
        return 3u << i->d;
    case OP_lpm:
    case OP_lpm_inc:
    case OP_elpm:
    case OP_elpm_inc:
    case OP_ijmp:
    case OP_icall:
        return 3u << 30;
    case OP_spm:
        return 3u << 30 | 3u;
    case OP_add:
    case OP_adc:
    case OP_sub:
    case OP_sbc:
    case OP_and:
    case OP_or:
    case OP_eor:
    case OP_cp:
    case OP_cpc:
    case OP_cpse:
    case OP_mul:
    case OP_muls:
    case OP_mulsu:
    case OP_fmul:
    case OP_fmuls:
    case OP_fmulsu:
        return d | r;
    case OP_subi:
    case OP_sbci:
    case OP_andi:
    case OP_ori:
    case OP_cpi:
    case OP_com:
    case OP_neg:
    case OP_inc:
    case OP_dec:
    case OP_lsr:
    case OP_ror:
    case OP_asr:
    case OP_swap:
    case OP_bst:
    case OP_bld:
    case OP_sbrc:
    case OP_sbrs:
    case OP_sts:
    case OP_push:
    case OP_out:
        return d;
    default:
        return 0;
    }
}

void run_one_watching_registers(sim *s) {
    avr_t *const avr = s->avr;
    enum { BEHIND = R_SREG + 1 };
    uint8_t before[BEHIND];
    READ_SREG_INTO(avr, avr->data[R_SREG]);
    memcpy(before, avr->data, BEHIND);
    const insn *const next = &s->program[avr->pc / 2];
    const uint32_t pc = avr->pc, reads = registers_read(next);
    const int asks = next->op == OP_in ? next->k : -1;
    const uint64_t cycle = avr->cycle;
    core_run_one(s);
    READ_SREG_INTO(avr, avr->data[R_SREG]);
    for (uint32_t address = 0; address < BEHIND && s->stop_now == SIM_STOP_CYCLES; address++) {
        const uint8_t wanted = is_core_register(address) ? s->watched_bytes[address] : 0;
        const int was_read = address < 32 ? reads >> address & 1 : (int)address == asks;
        const int was_written = before[address] != avr->data[address];
        const int is_read = was_read && wanted & SLOW_READ;
        if (is_read || (was_written && wanted & SLOW_WRITE)) {
            hit(s, (sim_hit){is_read ? SIM_HIT_READ : SIM_HIT_WRITE, pc, address, cycle});
        }
    }
}
