/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ccp.c  configuration change protection: 0xD8 into CCP opens the watchdog for four cycles.
 *
 * Source: Atmel datasheets 8303 (ATtiny1634) and 8495 (ATtiny441/841), section "Configuration
 * Change Protection Register" and chapter "Watchdog Timer". CLKPR, which CCP guards too, has no
 * effect in libsimavr. */
#include "chip_parts.h"

#include <stdint.h>

enum { SIGNATURE = 0xD8, OPEN_CYCLES = 4 };

static avr_cycle_count_t ccp_close(avr_t *avr, avr_cycle_count_t when, void *wdtcsr) {
    (void)when;
    avr->data[(uintptr_t)wdtcsr] &= (uint8_t) ~(1 << WDCE_STAND_IN);
    return 0;
}

static void ccp_write(avr_t *avr, avr_io_addr_t ccp, uint8_t value, void *wdtcsr) {
    (void)ccp;
    if (value == SIGNATURE) {
        avr->data[(uintptr_t)wdtcsr] |= 1 << WDCE_STAND_IN;
        avr_cycle_timer_register(avr, OPEN_CYCLES, ccp_close, wdtcsr);
    }
}

void ccp_guard_watchdog(avr_t *avr, avr_io_addr_t ccp, avr_io_addr_t wdtcsr) {
    avr_register_io_write(avr, ccp, ccp_write, (void *)(uintptr_t)wdtcsr);
}
