/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions whose calls are counted: plain, recursive, a tail call, a loop at the very entry. */
#include <avr/io.h>
#include <avr/sleep.h>

volatile uint8_t depth, out;

__attribute__((naked, noinline)) void seven(void) {
    __asm__ volatile("nop\n nop\n nop\n ret");
}

/* ldi, then 3 cycles a round (the last: 2), then ret: 3 * r24 + 3 with the entry inside the loop */
__attribute__((naked, noinline)) void spin(uint8_t rounds) {
    __asm__ volatile("dec r24\n brne spin\n ret");
}

__attribute__((noinline)) void dive(uint8_t n) {
    if (n) {
        dive(n - 1);
    }
    depth++;
}

__attribute__((naked, noinline)) void tail(void) {
    __asm__ volatile("nop\n rjmp seven");
}

int main(void) {
    depth = 0;
    for (uint8_t i = 0; i < 5; i++) {
        seven();
    }
    spin(1);
    spin(10);
    dive(3);
    tail();
    sleep_enable();
    sleep_cpu();
}
