/* SPDX-License-Identifier: GPL-3.0-or-later */
/* room.c  memory for what is counted: one mapping, so that a page that nothing touches costs
 * nothing, neither memory nor the time to clear it when a chip is made. */
#include "engine.h"

#include <sys/mman.h>

static void *take(sim *s, size_t count, size_t size) {
    void *const part = s->room ? s->room + s->room_bytes : NULL;
    s->room_bytes += (count * size + 63) & ~(size_t)63;
    return part;
}

static void divide(sim *s) {
    s->room_bytes = 0;
    s->taken = take(s, s->words + 2, sizeof *s->taken);
    s->entered = take(s, s->words + 2, sizeof *s->entered);
    s->flow = take(s, s->words + 2, sizeof *s->flow);
    s->hits = take(s, s->words, sizeof *s->hits);
    s->hit_cycles = take(s, s->words, sizeof *s->hit_cycles);
    s->took = take(s, s->words, sizeof *s->took);
    s->last_access = take(s, SIM_DATA_BYTES, sizeof *s->last_access);
    s->first_write = take(s, SIM_DATA_BYTES, sizeof *s->first_write);
    s->last_writer = take(s, SIM_DATA_BYTES, sizeof *s->last_writer);
    s->findings = take(s, SIM_FINDINGS_MAX, sizeof *s->findings);
    s->findings_index = take(s, SIM_FINDINGS_MAX * 2, sizeof *s->findings_index);
    s->deepest = take(s, SIM_FRAMES_MAX, sizeof *s->deepest);
    s->frames = take(s, SIM_FRAMES_MAX + 1, sizeof *s->frames);
}

int room_make(sim *s) {
    divide(s); /* only to learn how much it is */
    void *const room =
        mmap(NULL, s->room_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) {
        return 0;
    }
    s->room = room;
    divide(s);
    return 1;
}

void room_free(sim *s) {
    if (s->room) {
        munmap(s->room, s->room_bytes);
    }
}
