/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostile_driver.c  random flash on every chip, the world outside moving, and snapshots: what
 * follows a restore must be, bit for bit, what followed the snapshot. Built with the shim, with or
 * without sanitizers.
 *
 * usage: hostile_driver FIRST COUNT CYCLES CHIP...
 * Prints for each chip the cycles that ran, the restores, and how many runs stopped for which
 * reason and fault. A state that differs, or an unknown reason, exits with 1.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 200, /* at most, for contents that soon sleep for ever */
    SLICES = 4,   /* runs in a round, each up to a 40th of the cycles */
    SLOTS = 4,    /* older snapshots that are held */
    REASONS = SIM_STOP_FAULT + 1,
};

typedef struct {
    uint64_t runs[REASONS], faults[SIM_FAULT_KINDS], cycles, restores;
} tally;

typedef struct {
    sim *chip;
    sim_description description;
    uint64_t slice_cycles; /* at most */
    uint64_t random;
    const char *name;
    uint64_t seed;
    tally *seen;
} victim;

typedef struct {
    sim_snapshot *snapshot;
    uint8_t *state;
    size_t state_bytes;
} memory;

/* splitmix64, S. Vigna, public domain (prng.di.unimi.it). */
static uint64_t random_next(victim *v) {
    uint64_t z = (v->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t below(victim *v, uint64_t end) {
    return random_next(v) % end;
}

static void fail(const victim *v, const char *what) {
    fprintf(stderr, "%s, seed %llu: %s\n", v->name, (unsigned long long)v->seed, what);
    exit(1);
}

/* Noise as it comes, noise of what rarely faults, or short noise in a sea of NOPs. */
static void fill(victim *v, uint8_t *flash, uint32_t size) {
    static const uint16_t mild[] = {0x0000, 0x0c00, 0x1000, 0x2000, 0x7000, 0x9400, 0x9600, 0x9a00,
                                    0x9900, 0xb000, 0xb800, 0xc000, 0xe000, 0xf400, 0xfc00, 0x9478};
    const uint64_t kind = below(v, 3);
    for (uint32_t at = 0; at < size; at += 2) {
        uint16_t word = (uint16_t)random_next(v);
        if (kind == 1) {
            const uint16_t form = mild[below(v, sizeof mild / sizeof *mild)];
            word = form == 0x9478 || form == 0 ? form : form | (word & 0x03ff);
            word = form == 0x9400 || form == 0x9600 ? form | (word & 0xff) : word;
        } else if (kind == 2 && below(v, 4)) {
            word = 0;
        }
        flash[at] = (uint8_t)word;
        flash[at + 1] = word >> 8;
    }
}

static void feed(victim *v) {
    uint8_t bytes[80];
    for (uint32_t uart = 0; uart < 2; uart++) {
        const size_t count = below(v, sizeof bytes);
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (uint8_t)random_next(v);
        }
        sim_uart_write(v->chip, uart, bytes, count);
        sim_uart_read(v->chip, uart, bytes, sizeof bytes);
    }
}

static void move_the_outside(victim *v) {
    const uint64_t kind = below(v, 64);
    if (kind == 0) {
        const uint32_t at = (uint32_t)below(v, v->description.flash_bytes);
        sim_flash(v->chip)[at] = (uint8_t)random_next(v);
        sim_flash_changed(v->chip, at, at);
    } else if (kind < 8) {
        sim_adc_set(v->chip, (uint32_t)below(v, 8), (uint32_t)below(v, 5000));
    } else if (kind < 24) {
        feed(v);
    } else if (kind == 24) { /* refused where a pin is missing or taken */
        sim_line_attach(v->chip, 'A' + (char)below(v, 4), (uint32_t)below(v, 8),
                        'A' + (char)below(v, 4), (uint32_t)below(v, 8),
                        (uint32_t)below(v, 1000000));
    } else {
        sim_pin_drive(v->chip, 'A' + (char)below(v, 4), (uint32_t)below(v, 8),
                      (int)below(v, 3) - 1);
    }
}

static void run_slice(victim *v) {
    const uint64_t cycles = below(v, 4) ? v->slice_cycles : 1 + below(v, 64);
    const sim_until until = {.address = (int64_t)(below(v, v->description.flash_bytes) & ~1u)};
    const uint64_t before = sim_cycle(v->chip);
    const sim_stop why = sim_run(v->chip, cycles, below(v, 4) ? NULL : &until);
    v->seen->cycles += sim_cycle(v->chip) - before;
    if ((unsigned)why >= REASONS) {
        fail(v, "no reason for the stop");
    }
    v->seen->runs[why]++;
    if (why == SIM_STOP_FAULT) {
        sim_fault fault;
        sim_last_fault(v->chip, &fault);
        if (fault.kind == SIM_FAULT_NONE || (unsigned)fault.kind >= SIM_FAULT_KINDS) {
            fail(v, "no kind of the fault");
        }
        v->seen->faults[fault.kind]++;
    }
    if (why == SIM_STOP_FAULT || why == SIM_STOP_ENDED) {
        sim_reset(v->chip);
        sim_set_pc(v->chip, (uint32_t)below(v, v->description.flash_bytes));
    }
}

/* The same each time for the same state of the chip and the same seed. */
static void torment(victim *v, uint64_t seed) {
    const uint64_t kept = v->random;
    v->random = seed;
    for (int slice = 0; slice < SLICES; slice++) {
        move_the_outside(v);
        run_slice(v);
    }
    v->random = kept;
}

static uint8_t *state_now(victim *v, size_t *bytes) {
    *bytes = sim_state(v->chip, NULL, 0);
    uint8_t *const state = malloc(*bytes);
    if (!state) {
        fail(v, "no memory");
    }
    sim_state(v->chip, state, *bytes);
    return state;
}

static void expect_state(victim *v, const uint8_t *state, size_t bytes, const char *otherwise) {
    size_t bytes_now;
    uint8_t *const now = state_now(v, &bytes_now);
    if (bytes_now != bytes || memcmp(now, state, bytes) != 0) {
        fail(v, otherwise);
    }
    free(now);
}

static memory remember(victim *v) {
    memory m = {.snapshot = sim_snapshot_take(v->chip)};
    if (!m.snapshot) {
        fail(v, "no memory");
    }
    m.state = state_now(v, &m.state_bytes);
    return m;
}

static void forget(memory *m) {
    sim_snapshot_free(m->snapshot);
    free(m->state);
    *m = (memory){0};
}

static void go_back(victim *v, const memory *m) {
    if (sim_snapshot_restore(v->chip, m->snapshot) != SIM_RESTORED) {
        fail(v, "a snapshot of its own was refused");
    }
    v->seen->restores++;
    expect_state(v, m->state, m->state_bytes, "a restore led to another state");
}

/* On from here, back, and on again; sometimes from an older snapshot. */
static void play_round(victim *v, memory slots[SLOTS]) {
    memory *const slot = &slots[below(v, SLOTS)];
    if (slot->snapshot && below(v, 3) == 0) {
        go_back(v, slot);
    }
    memory start = remember(v);
    const uint64_t seed = random_next(v);
    torment(v, seed);
    size_t end_bytes;
    uint8_t *const end = state_now(v, &end_bytes);
    go_back(v, &start);
    torment(v, seed);
    expect_state(v, end, end_bytes, "a replay led to another state");
    free(end);
    forget(slot);
    *slot = start;
}

static void run_one(const char *name, uint64_t seed, uint64_t cycles, tally *seen) {
    victim v = {.slice_cycles = cycles / 40, .random = seed, .name = name, .seed = seed};
    v.seen = seen;
    if (sim_new(name, 8000000, seed, &v.chip) != SIM_OK) {
        fail(&v, "no such chip");
    }
    sim_describe(v.chip, &v.description);
    sim_set_rules(v.chip, below(&v, 4) ? SIM_RULES_DATASHEET : SIM_RULES_SIMAVR);
    sim_set_tracking(v.chip, below(&v, 2) != 0);
    const sim_reaction mildest = (sim_reaction)below(&v, 3);
    for (int kind = 1; kind < SIM_FAULT_KINDS; kind++) {
        sim_set_reaction(v.chip, (sim_fault_kind)kind, mildest);
    }
    fill(&v, sim_flash(v.chip), v.description.flash_bytes);
    sim_flash_changed(v.chip, 0, v.description.flash_bytes - 1);
    if (below(&v, 2)) {
        sim_line_attach(v.chip, 'B', 1, 'B', 2, 1000 + (uint32_t)below(&v, 1000000));
    }
    memory slots[SLOTS] = {0};
    const uint64_t end = seen->cycles + cycles;
    for (int round = 0; round < ROUNDS && seen->cycles < end; round++) {
        play_round(&v, slots);
    }
    if (below(&v, 2)) { /* snapshots may outlive their chip */
        sim_free(v.chip);
        v.chip = NULL;
    }
    for (int i = 0; i < SLOTS; i++) {
        forget(&slots[i]);
    }
    sim_free(v.chip);
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "usage: %s FIRST COUNT CYCLES CHIP...\n", arguments[0]);
        return 2;
    }
    const uint64_t first = strtoull(arguments[1], NULL, 10);
    const uint64_t many = strtoull(arguments[2], NULL, 10);
    const uint64_t cycles = strtoull(arguments[3], NULL, 10);
    for (int i = 4; i < count; i++) {
        tally seen = {0};
        for (uint64_t seed = first; seed < first + many; seed++) {
            run_one(arguments[i], seed, cycles, &seen);
        }
        printf("%s: %llu cycles, %llu restores; runs", arguments[i],
               (unsigned long long)seen.cycles, (unsigned long long)seen.restores);
        for (int reason = 0; reason < REASONS; reason++) {
            printf(" %llu", (unsigned long long)seen.runs[reason]);
        }
        printf("; faults");
        for (int kind = 1; kind < SIM_FAULT_KINDS; kind++) {
            printf(" %llu", (unsigned long long)seen.faults[kind]);
        }
        printf("\n");
    }
    return 0;
}
