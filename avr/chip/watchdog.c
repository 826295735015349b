/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/watchdog.h"

#include <avr/io.h>
#include <avr/wdt.h>

#ifndef WDTCSR
#define WDTCSR WDTCR
#endif

#define SECOND (_BV(WDP2) | _BV(WDP1)) /* 128 K cycles of its 128 kHz */

/* The register is protected: its write must follow within 4 cycles. ATtiny841 and 1634: the
 * signature 0xD8 into CCP, then the value. Others: WDCE and WDE, then the value (datasheets,
 * chapter "Watchdog Timer"). In assembly, so that no optimiser parts the two. */
static void set(uint8_t value) {
    wdt_reset();
#ifdef CCP
    __asm__ volatile("sts %0, %1\n\t"
                     "sts %2, %3"
                     :
                     : "n"(_SFR_MEM_ADDR(CCP)), "r"((uint8_t)0xD8), "n"(_SFR_MEM_ADDR(WDTCSR)),
                       "r"(value)
                     : "memory");
#else
    __asm__ volatile("sts %0, %1\n\t"
                     "sts %0, %2"
                     :
                     : "n"(_SFR_MEM_ADDR(WDTCSR)), "r"((uint8_t)(_BV(WDCE) | _BV(WDE))), "r"(value)
                     : "memory");
#endif
}

void watchdog_start(void) {
    set(_BV(WDE) | SECOND);
}

void watchdog_feed(void) {
    wdt_reset();
}

/* WDRF holds WDE: first it. */
void watchdog_stop(void) {
    MCUSR &= (uint8_t)~_BV(WDRF);
    set(0);
}
