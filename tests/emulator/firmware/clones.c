// SPDX-License-Identifier: GPL-3.0-or-later
// A function that is always called with one and the same argument: GCC makes it scale.constprop.0.
#include <avr/sleep.h>

volatile unsigned char scaled;

static __attribute__((noinline)) void scale(unsigned char by, unsigned char value) {
    scaled = value;
    while (--by) {
        scaled += value;
    }
}

int main(void) {
    scale(3, scaled);
    scale(3, 5);
    sleep_mode();
    return 0;
}
