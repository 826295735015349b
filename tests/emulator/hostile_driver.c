/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostile_driver.c  random flash on every chip, bytes for its UARTs in between; built with the
 * shim, with or without sanitizers.
 *
 * usage: hostile_driver FIRST COUNT CYCLES CHIP...
 * Prints how many runs of how many cycles stopped for which reason; an unknown reason exits with 1.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICES = 20, RESETS = 8, REASONS = SIM_STOP_FAULT + 1, FAULTS = SIM_FAULT_CRASHED + 1 };

static uint64_t state;

/* splitmix64, S. Vigna, public domain (prng.di.unimi.it). */
static uint64_t random_next(void) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Noise as it comes, noise of what rarely faults, or short noise in a sea of NOPs. */
static void fill(uint8_t *flash, uint32_t size, unsigned kind) {
    static const uint16_t mild[] = {0x0000, 0x0c00, 0x1000, 0x2000, 0x7000, 0x9400, 0x9600, 0x9a00,
                                    0x9900, 0xb000, 0xb800, 0xc000, 0xe000, 0xf400, 0xfc00, 0x9478};
    for (uint32_t at = 0; at < size; at += 2) {
        uint16_t word = (uint16_t)random_next();
        if (kind == 1) {
            const uint16_t form = mild[random_next() % (sizeof mild / sizeof *mild)];
            word = form == 0x9478 || form == 0 ? form : form | (word & 0x03ff);
            word = form == 0x9400 || form == 0x9600 ? form | (word & 0xff) : word;
        } else if (kind == 2 && random_next() % 4) {
            word = 0;
        }
        flash[at] = (uint8_t)word;
        flash[at + 1] = word >> 8;
    }
}

static void feed(sim *s) {
    uint8_t bytes[80];
    for (uint32_t uart = 0; uart < 2; uart++) {
        const size_t count = random_next() % sizeof bytes;
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (uint8_t)random_next();
        }
        sim_uart_write(s, uart, bytes, count);
        sim_uart_read(s, uart, bytes, sizeof bytes);
    }
}

typedef struct {
    uint64_t runs[REASONS], faults[FAULTS], cycles;
} tally;

static void run_one(const char *chip, uint64_t seed, uint64_t cycles, tally *out) {
    sim *s;
    if (sim_new(chip, 8000000, seed, &s) != SIM_OK) {
        fprintf(stderr, "no %s\n", chip);
        exit(2);
    }
    sim_description description;
    sim_describe(s, &description);
    fill(sim_flash(s), description.flash_bytes, (unsigned)(random_next() % 3));
    sim_flash_changed(s);
    sim_stop why = SIM_STOP_CYCLES;
    for (int slice = 0, resets = 0; slice < SLICES && sim_cycle(s) < cycles; slice++) {
        if (random_next() % 2) {
            feed(s);
        }
        sim_pin_drive(s, 'A' + (char)(random_next() % 4), random_next() % 8, random_next() % 3 - 1);
        const uint64_t chunk = random_next() % 4 ? cycles / SLICES : 1 + random_next() % 64;
        sim_until until = {.address = (int64_t)(random_next() % description.flash_bytes & ~1u)};
        why = sim_run(s, chunk, random_next() % 4 ? NULL : &until);
        if ((why == SIM_STOP_FAULT || why == SIM_STOP_ENDED) && resets++ < RESETS) {
            sim_fault fault = {0};
            sim_last_fault(s, &fault);
            if (why == SIM_STOP_FAULT && (unsigned)fault.kind < FAULTS) {
                out->faults[fault.kind]++;
            }
            sim_reset(s);
            sim_set_pc(s, (uint32_t)(random_next() % description.flash_bytes));
        } else if (why == SIM_STOP_FAULT || why == SIM_STOP_ENDED) {
            break;
        }
    }
    out->cycles += sim_cycle(s);
    if ((unsigned)why >= REASONS) {
        fprintf(stderr, "%s, seed %llu: reason %d\n", chip, (unsigned long long)seed, (int)why);
        exit(1);
    }
    out->runs[why]++;
    sim_free(s);
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
            state = seed;
            run_one(arguments[i], seed, cycles, &seen);
        }
        printf("%s: %llu cycles;", arguments[i], (unsigned long long)seen.cycles);
        for (int reason = 0; reason < REASONS; reason++) {
            printf(" %llu", (unsigned long long)seen.runs[reason]);
        }
        printf("; faults");
        for (int kind = 1; kind < FAULTS; kind++) {
            printf(" %llu", (unsigned long long)seen.faults[kind]);
        }
        printf("\n");
    }
    return 0;
}
