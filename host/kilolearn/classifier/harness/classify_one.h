/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image around `classify`, the same for every model and every peer: the host writes `sample`
 * when main begins and reads `answer` when the chip sleeps. Interrupts are off, so only a reset
 * ends the sleep. The stack pointer is RAMEND after every reset of these chips.
 *
 * SAMPLE_TYPE: of a feature; SAMPLE_WIDTH: features of a sample. */
#include <avr/sleep.h>

#define NOINIT __attribute__((section(".noinit")))

/* avr-libc's start-up without what nobody needs: the compiler wants a 0 in r1. */
__asm__(".section .init2, \"ax\", @progbits\n\tclr r1\n\t.text");

SAMPLE_TYPE sample[SAMPLE_WIDTH] NOINIT;
volatile uint8_t answer NOINIT;

/* Entered from the start-up code by falling through. */
__attribute__((OS_main, section(".init9"))) int main(void) {
    answer = classify(sample);
    for (;;) {
        sleep_cpu();
    }
}
