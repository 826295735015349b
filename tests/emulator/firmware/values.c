/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integers of several widths that count, for conditions on values. */
#include <avr/io.h>
#include <avr/sleep.h>

volatile uint8_t small;
volatile int8_t negative;
volatile uint16_t medium;
volatile int32_t large;
volatile uint8_t table[4];

int main(void) {
    small = 0;
    negative = 0;
    medium = 0;
    large = 0;
    for (uint16_t n = 0; n < 1000; n++) {
        small = (uint8_t)n;
        negative = (int8_t) - (int8_t)(n & 63);
        medium = n * 60;
        large = -100000L * n;
        table[n & 3] = (uint8_t)n;
    }
    sleep_enable();
    sleep_cpu();
}
