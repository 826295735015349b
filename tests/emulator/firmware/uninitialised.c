/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what nothing has written: two bytes of .noinit, twice, in two functions. All else that is
 * read has been written: .data, .bss, a saved register, a local. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

__attribute__((section(".noinit"))) volatile uint8_t left_over[4];
volatile uint8_t set = 3, cleared;
volatile uint8_t sink;

__attribute__((noinline)) void first_reader(void) {
    sink = left_over[1];
}

__attribute__((noinline)) void second_reader(void) {
    sink = left_over[1] + left_over[3];
}

__attribute__((noinline)) void harmless(uint8_t n) {
    volatile uint8_t local = n;
    sink = local + set + cleared;
}

int main(void) {
    harmless(1);
    for (uint8_t i = 0; i < 3; i++) {
        first_reader();
        second_reader();
    }
    left_over[1] = 1;
    first_reader();
    left_over[2]++; /* reads before it writes */
    left_over[2]++;
    cli();
    sleep_enable();
    sleep_cpu();
}
