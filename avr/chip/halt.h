/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CHIP_HALT_H
#define CHIP_HALT_H

#include <avr/interrupt.h>
#include <avr/sleep.h>

/* The firmware's end: asleep with interrupts off, which only a reset ends. The emulator takes it as
 * the end of the run. Power-down, so that a real chip draws least. */
__attribute__((noreturn)) static inline void chip_halt(void) {
    cli();
    set_sleep_mode(SLEEP_MODE_PWR_DOWN);
    sleep_enable();
    for (;;) {
        sleep_cpu();
    }
}

#endif
