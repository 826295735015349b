/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines with a known number of executions, built with -O0: each says its own. PB0 follows `level`
 * and `count` counts the rounds. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdint.h>

volatile uint16_t count = 0xFFFE;

static void odd(void) {
    PORTB |= 1; /* hits 2 */
}

static void even(void) {
    PORTB &= ~1; /* hits 3 */
}

__attribute__((used)) static void never(void) {
    PORTB = 0x55; /* hits 0 */
}

static void deep(uint16_t more) {
    if (more) {
        deep(more - 1); /* recursion */
    }
}

int main(void) {
    DDRB = 1;
    for (uint8_t round = 0; round < 5; round++) {
        count++; /* hits 5 */
        if (round & 1) {
            odd(); /* hits 2 */
        } else {
            even(); /* hits 3 */
        }
        if (round > 100) {
            never(); /* hits 0 */
        }
    }
    deep(DEPTH);
    cli();
    sleep_mode();
}
