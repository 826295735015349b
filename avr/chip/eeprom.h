/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The EEPROM, a byte at a time. On the host whoever stands in for it: it has room for any model. */
#ifndef CHIP_EEPROM_H
#define CHIP_EEPROM_H

#include <stdint.h>

#ifdef __AVR__
#include <avr/io.h>
#define EEPROM_BYTES (E2END + 1)
#else
#define EEPROM_BYTES 4096
#endif

uint8_t eeprom_read(uint16_t address);

/* Erase and write a byte that holds another value, 3.4 ms, and wait until it is done. */
void eeprom_update(uint16_t address, uint8_t value);

#endif
