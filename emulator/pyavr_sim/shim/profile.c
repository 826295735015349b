/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile.c  executions and cycles of every word of flash, from the counted changes of flow.
 *
 * The executor counts only where control leaves the straight line. All else follows, exactly:
 *   arrivals(w) = entered(w) + sum of taken(b) over jumps b to w + what falls through to w
 *   hits(w)     = arrivals(w), less one where the chip stands now and has yet to execute
 *   falls(w)    = 0 behind a jump or return, hits(w) - taken(w) behind a branch or skip, else
 * hits(w) Falling through leads upwards only, so one pass in ascending order does. Counts are
 * modulo 2^64, so an arrival that an interrupt took back may come first. */
#include "engine.h"

#include <string.h>

static const uint8_t most_cycles[OP_COUNT] = {
#define X(name, cycles, ends_line) cycles,
    OPERATIONS(X)
#undef X
};

typedef enum { FALLS, JUMPS, BRANCHES, SKIPS } flow_kind;

static flow_kind kind_of(uint8_t op) {
    switch (op) {
    case OP_rjmp:
    case OP_jmp:
    case OP_ijmp:
    case OP_rcall:
    case OP_call:
    case OP_icall:
    case OP_ret:
    case OP_reti:
        return JUMPS;
    case OP_cpse:
    case OP_sbrc:
    case OP_sbrs:
    case OP_sbic:
    case OP_sbis:
    case OP_erased:
        return SKIPS;
    default:
        return op >= OP_brcs && op <= OP_brid ? BRANCHES : FALLS;
    }
}

/* Cycles of the word at `at`, executed hits times. */
static uint64_t cycles_of(const insn *i, uint32_t at, uint64_t hits, uint64_t taken) {
    switch (kind_of(i->op)) {
    case BRANCHES:
        return hits + taken;
    case SKIPS:
        return hits + taken * (uint16_t)(i->k - at - 1);
    default:
        return hits * most_cycles[i->op];
    }
}

static void start_at(sim *s, uint32_t pc) {
    memset(s->taken, 0, (s->words + 2) * sizeof *s->taken);
    memset(s->entered, 0, (s->words + 2) * sizeof *s->entered);
    profile_move(s, UINT32_MAX, pc);
}

void profile_move(sim *s, uint32_t from, uint32_t to) {
    if (from / 2 < s->words + 2) {
        s->entered[from / 2]--;
    }
    if (to / 2 < s->words + 2) {
        s->entered[to / 2]++;
    }
}

/* Add what was counted to hits and hit_cycles, and count from here. */
void profile_fold(sim *s) {
    if (!s->tracked || s->avr->cycle == s->folded_at) { /* nothing was executed since */
        return;
    }
    s->folded_at = s->avr->cycle;
    uint64_t *const flow = s->flow;
    const uint32_t pc = s->avr->pc;
    profile_move(s, pc, UINT32_MAX);
    memcpy(flow, s->entered, (s->words + 2) * sizeof *flow);
    for (uint32_t at = 0; at < s->words; at++) {
        if (s->taken[at]) {
            flow[s->program[at].k] += s->taken[at];
        }
    }
    for (uint32_t at = 0; at < s->words; at++) {
        const insn *const i = &s->program[at];
        const flow_kind kind = kind_of(i->op);
        const uint64_t hits = flow[at];
        if (!hits) {
            continue;
        }
        if (kind != JUMPS) {
            flow[at + i->words] += hits - (kind == FALLS ? 0 : s->taken[at]);
        }
        s->hits[at] += hits;
        s->hit_cycles[at] += cycles_of(i, at, hits, s->taken[at]);
        if (kind == BRANCHES || kind == SKIPS) {
            s->took[at] += s->taken[at];
        }
    }
    start_at(s, pc);
}

void sim_set_tracking(sim *s, int on) {
    if (s->tracked == (on != 0)) {
        return;
    }
    s->tracked = on != 0;
    start_at(s, s->avr->pc);
    predecode(s);
}

void sim_profile(sim *s, uint64_t *hits, uint64_t *cycles, uint64_t *took,
                 sim_cycles_between *between) {
    profile_fold(s);
    memcpy(took, s->took, s->words * sizeof *took);
    memcpy(hits, s->hits, s->words * sizeof *hits);
    memcpy(cycles, s->hit_cycles, s->words * sizeof *cycles);
    *between = s->between;
}

const uint64_t *sim_first_write(const sim *s) {
    return s->first_write;
}

const uint64_t *sim_last_access(const sim *s) {
    return s->last_access;
}

const uint16_t *sim_last_writer(const sim *s) {
    return s->last_writer;
}
