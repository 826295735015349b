/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns exclusive or from random weights and halts; no wire. The host writes `seed` after reset
 * and before the run, and reads `result` and `net` at the end. */
#include "apps/xor_trainer.h"
#include "chip/halt.h"

int main(void) {
    xor_learn();
    chip_halt();
}
