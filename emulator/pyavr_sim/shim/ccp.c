/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ccp.c  configuration change protection: 0xD8 into CCP opens the watchdog for four cycles.
 *
 * Source: Atmel datasheets 8303 (ATtiny1634) and 8495 (ATtiny441/841), section "Configuration
 * Change Protection Register" and chapter "Watchdog Timer". CLKPR, which CCP guards too, has no
 * effect in libsimavr. */
#include "chip_parts.h"

enum { SIGNATURE = 0xD8, OPEN_CYCLES = 4 };

static avr_cycle_count_t ccp_close(avr_t *avr, avr_cycle_count_t when, void *watchdog) {
    (void)when;
    avr_regbit_clear(avr, ((avr_watchdog_t *)watchdog)->wdce);
    return 0;
}

static void ccp_write(avr_t *avr, avr_io_addr_t ccp, uint8_t value, void *watchdog) {
    (void)ccp;
    if (value == SIGNATURE) {
        avr_regbit_set(avr, ((avr_watchdog_t *)watchdog)->wdce);
        avr_cycle_timer_register(avr, OPEN_CYCLES, ccp_close, watchdog);
    }
}

void ccp_guard_watchdog(avr_t *avr, avr_io_addr_t ccp, avr_watchdog_t *watchdog) {
    avr_register_io_write(avr, ccp, ccp_write, watchdog);
}
