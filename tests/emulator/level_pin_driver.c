/* SPDX-License-Identifier: GPL-3.0-or-later */
/* level_pin_driver.c  an ATtiny13A that takes INT0 as long as its pin is low, and every order of
 * so many as it is told of: snapshot, restore, reset, pin low, pin high, run; then its end. For
 * sanitizers.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT, RESTORE, RESET, LOW, HIGH, RUN, ACTIONS };

static void act(sim *s, int action, sim_snapshot **held) {
    switch (action) {
    case SNAPSHOT:
        sim_snapshot_free(*held);
        *held = sim_snapshot_take(s);
        break;
    case RESTORE:
        if (*held) {
            sim_snapshot_restore(s, *held);
        }
        break;
    case RESET:
        sim_reset(s);
        break;
    case RUN:
        sim_run(s, 300, NULL);
        break;
    default:
        sim_pin_drive(s, 'B', 1, action == HIGH);
    }
}

/* Whether the chip comes to the interrupt's handler in the end. */
static int play(const sim_rules rules, int length, unsigned order) {
    static const uint16_t code[] = {
        [0] = 0xC00F,    /* rjmp main */
        [1] = 0x9518,    /* INT0: reti */
        [0x10] = 0xE400, /* main: ldi r16, 1 << INT0 */
        [0x11] = 0xBF0B, /* out GIMSK, r16 */
        [0x12] = 0x9478, /* sei */
        [0x13] = 0xCFFF, /* rjmp . */
    };
    sim *s;
    if (sim_new("attiny13a", 8000000, 1, &s) != SIM_OK) {
        return -1;
    }
    memcpy(sim_flash(s), code, sizeof code);
    sim_flash_changed(s, 0, sizeof code - 1);
    sim_set_rules(s, rules);
    sim_snapshot *held = NULL;
    const int begin[] = {HIGH, RUN, LOW, RUN};
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        act(s, begin[i], &held);
    }
    for (int i = 0; i < length; i++, order /= ACTIONS) {
        act(s, (int)(order % ACTIONS), &held);
    }
    const sim_until handler = {.address = 2};
    const int taken = sim_run(s, 300, &handler) == SIM_STOP_ADDRESS;
    sim_free(s);
    sim_snapshot_free(held);
    return taken;
}

int main(int count, char *arguments[]) {
    const int length = count > 1 ? atoi(arguments[1]) : 0;
    unsigned orders = 1;
    for (int i = 0; i < length; i++) {
        orders *= ACTIONS;
    }
    for (int rules = SIM_RULES_DATASHEET; rules <= SIM_RULES_SIMAVR; rules++) {
        int taken = 0;
        for (unsigned order = 0; order < orders; order++) {
            taken += play((sim_rules)rules, length, order);
        }
        printf("%d\n", taken);
    }
    return 0;
}
