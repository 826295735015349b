/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a learner without a host says what it does: two pins, and a line of text where the chip has a
 * UART. */
#ifndef CHIP_REPORT_H
#define CHIP_REPORT_H

#include <stdint.h>

void report_start(void);

/* The two lowest bits of an answer at the pins PB0 and PB1, until the next. */
void report_answer(uint8_t answer);

/* "step 300: 93 of 100": the steps in hundreds, 1.., and how many of the last hundred were right.
 */
void report_hundred(uint16_t hundreds, uint8_t right);

#endif
