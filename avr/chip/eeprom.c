/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datasheets, chapter "EEPROM Data Memory": a write, once started, goes on by itself; reads and
 * writes wait for the one before. */
#include "chip/eeprom.h"

#include <avr/eeprom.h>

#include "chip/watchdog.h"

uint8_t eeprom_read(uint16_t address) {
    return eeprom_read_byte((const uint8_t *)address);
}

void eeprom_update(uint16_t address, uint8_t value) {
    eeprom_update_byte((uint8_t *)address, value);
    eeprom_busy_wait();
    watchdog_feed();
}
