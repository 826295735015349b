/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts its starts in .noinit, starts the watchdog and hangs; the third start ends. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

volatile uint8_t starts __attribute__((section(".noinit")));
volatile uint8_t flags[4] __attribute__((section(".noinit")));
volatile uint8_t kept __attribute__((section(".noinit")));

int main(void) {
    uint8_t found = MCUSR;
    MCUSR = 0;
    if (found & 1 << PORF) {
        starts = 0;
        kept = 77;
    }
    flags[starts & 3] = found;
    starts++;
    if (starts < 3) {
#ifdef CCP
        CCP = 0xD8;
        WDTCSR = 1 << WDE;
#else
        wdt_enable(WDTO_15MS);
#endif
        for (;;) {}
    }
#ifdef CCP
    CCP = 0xD8;
    WDTCSR = 0;
#else
    wdt_disable();
#endif
    cli();
    sleep_enable();
    sleep_cpu();
}
