/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leaves four nested calls by longjmp, again and again, then goes as deep by calls alone. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <setjmp.h>

volatile uint8_t rounds, sink;
static jmp_buf back;

__attribute__((noinline, noclone)) void dive(uint8_t n) {
    if (n == 0) {
        longjmp(back, 1);
    }
    dive(n - 1);
    sink = n;
}

__attribute__((noinline, noclone)) void bottom(void) {
    sink = 1;
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline, noclone)) void deeper(uint8_t n) {
    volatile uint8_t room[24];
    room[n] = n;
    bottom();
    sink = room[n];
}

int main(void) {
    for (rounds = 0; rounds < 100; rounds++) {
        if (!setjmp(back)) {
            dive(3);
        }
    }
    deeper(1);
    cli();
    sleep_enable();
    sleep_cpu();
}
