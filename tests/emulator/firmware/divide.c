/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x / 16 as avr-gcc compiles it: a skip over ADIW 15, which libsimavr 1.6 gets wrong. */
#include <avr/io.h>
#include <avr/sleep.h>

volatile int16_t numerator[] = {0,  1,   15,  16,  17,  31,  100,  255,  256,   4095,   32767,
                                -1, -15, -16, -17, -31, -32, -100, -256, -4095, -32767, -32768};
enum { COUNT = sizeof numerator / sizeof *numerator };
volatile int16_t quotient[COUNT];

int main(void) {
    for (uint8_t i = 0; i < COUNT; i++) {
        quotient[i] = numerator[i] / 16;
    }
    sleep_enable();
    sleep_cpu();
}
