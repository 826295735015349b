/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CHIP_CLOCK_H
#define CHIP_CLOCK_H

/* Undo the division of the clock by 8 that most parts are shipped with (fuse CKDIV8), so that the
 * chip runs at its oscillator's full rate. Interrupts must be off. */
void clock_full_speed(void);

#endif
