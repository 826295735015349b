/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known bytes in every section of SRAM: 3 in .data, 10 and 1 in .bss, 5 in .noinit, and 6 that
 * malloc hands out, with the two of its own in front. */
#include <avr/interrupt.h>
#include <avr/sleep.h>
#include <stdint.h>
#include <stdlib.h>

volatile uint8_t preset[3] = {1, 2, 3};
volatile uint8_t cleared[10];
volatile uint8_t kept[5] __attribute__((section(".noinit")));
static volatile uint8_t hidden;

int main(void) {
    cleared[0] = hidden = preset[0];
#ifdef HEAP
    uint8_t *volatile block = malloc(6);
    block[0] = 1;
#endif
    cli();
    sleep_mode();
}
