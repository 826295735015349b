/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries to stop a running watchdog without CCP, too long after CCP, and as the datasheet says;
 * tried[n]: WDE afterwards. */
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

volatile uint8_t tried[3];

static void start(void) {
    wdt_reset();
    CCP = 0xD8;
    WDTCSR = 1 << WDE | 1 << WDP3 | 1 << WDP0;
}

int main(void) {
    start();
    WDTCSR = 0;
    tried[0] = (WDTCSR >> WDE) & 1;
    start();
    CCP = 0xD8;
    __builtin_avr_delay_cycles(8);
    WDTCSR = 0;
    tried[1] = (WDTCSR >> WDE) & 1;
    start();
    CCP = 0xD8;
    WDTCSR = 0;
    tried[2] = (WDTCSR >> WDE) & 1;
    sleep_enable();
    sleep_cpu();
}
