/* SPDX-License-Identifier: GPL-3.0-or-later */
/* findings.c  what was found on the way, each place and address once. */
#include "engine.h"

#include <string.h>

enum { SLOTS = SIM_FINDINGS_MAX * 2 }; /* never more than half full, so a search ends */

static int is_same(const sim_fault *a, const sim_fault *b) {
    return a->kind == b->kind && a->pc == b->pc && a->address == b->address;
}

static uint32_t slot_of(const sim_fault *f) {
    const uint64_t key = (uint64_t)f->kind << 56 ^ (uint64_t)f->pc << 24 ^ f->address;
    return (uint32_t)(key * 0x9E3779B97F4A7C15u >> 53); /* 11 bits: SLOTS */
}
_Static_assert(SLOTS == 1 << 11, "slot_of gives 11 bits");

/* Those that find no room are counted each time that they occur. */
int findings_add(sim *s, const sim_fault *found) {
    uint32_t slot = slot_of(found);
    for (; s->findings_index[slot]; slot = (slot + 1) % SLOTS) {
        if (is_same(&s->findings[s->findings_index[slot] - 1], found)) {
            return 0;
        }
    }
    if (s->findings_count == SIM_FINDINGS_MAX) {
        s->findings_dropped++;
        return 0;
    }
    s->findings[s->findings_count++] = *found;
    s->findings_index[slot] = (uint16_t)s->findings_count;
    return 1;
}

void sim_set_reaction(sim *s, sim_fault_kind kind, sim_reaction reaction) {
    if (kind == SIM_FAULT_NONE || kind >= SIM_FAULT_CRASHED || s->reactions[kind] == reaction) {
        return;
    }
    s->reactions[kind] = (uint8_t)reaction;
    if (kind == SIM_FAULT_UNINITIALISED) {
        for (uint32_t address = s->ram_start; address <= s->ram_end; address++) {
            attribute_update(s, (uint16_t)address);
        }
    }
}

uint32_t sim_findings(const sim *s, sim_fault *out) {
    memcpy(out, s->findings, s->findings_count * sizeof *out);
    return s->findings_count;
}

uint64_t sim_findings_dropped(const sim *s) {
    return s->findings_dropped;
}
