/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chips.c  finds a chip by name: our own definitions first, then libsimavr's. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_core_decl.h>

extern avr_kind_t chip_attiny1634;

static avr_kind_t *const own[] = {&chip_attiny1634};

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
