/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns exclusive or to the same bits as thimble_in_assembly.S, shows its answers to the patterns
 * 0..3 on the pins B0..B3 and sleeps. */
#include <avr/io.h>

#include "chip/halt.h"
#include "kilobyte/thimble_learn.h"

int main(void) {
    PORTB = learn();
    DDRB = 0x0F;
    chip_halt();
}
