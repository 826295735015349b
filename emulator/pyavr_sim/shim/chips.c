/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chips.c  finds a chip by name: our own definitions first, then libsimavr's. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_core_decl.h>

/* OWN_CHIPS(X) is X(name) for each chip_<name>.c of this room; build_sim.py makes the list. */
#define DECLARE(name) extern avr_kind_t chip_##name;
#define POINT_TO(name) &chip_##name,
OWN_CHIPS(DECLARE)
static avr_kind_t *const own[] = {OWN_CHIPS(POINT_TO)};

enum { OWN = sizeof own / sizeof *own, NAMES = sizeof own[0]->names / sizeof *own[0]->names };

static avr_kind_t *kind_at(uint32_t index) {
    return index < OWN ? own[index] : avr_kind[index - OWN];
}

const char *sim_chip_name(uint32_t index) {
    avr_kind_t *kind;
    for (uint32_t k = 0; (kind = kind_at(k)) != NULL; k++) {
        for (uint32_t n = 0; n < NAMES && kind->names[n]; n++) {
            if (index-- == 0) {
                return kind->names[n];
            }
        }
    }
    return NULL;
}

uint32_t sim_own_chips(void) {
    return OWN;
}

/* libsimavr 1.6 dereferences a null pointer when it starts these. */
static int is_unsafe(const avr_kind_t *kind) {
    return kind == &mega16m1;
}

avr_t *chip_make(const char *mcu, sim_result *result) {
    avr_kind_t *kind;
    for (uint32_t k = 0; (kind = kind_at(k)) != NULL; k++) {
        for (uint32_t n = 0; n < NAMES && kind->names[n]; n++) {
            if (strcmp(kind->names[n], mcu) != 0) {
                continue;
            }
            if (is_unsafe(kind)) {
                *result = SIM_UNSAFE_CHIP;
                return NULL;
            }
            avr_t *avr = kind->make();
            *result = avr ? SIM_OK : SIM_NO_MEMORY;
            return avr;
        }
    }
    *result = SIM_UNKNOWN_CHIP;
    return NULL;
}
