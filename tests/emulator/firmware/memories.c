/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells what avr-libc's header says of the chip, and tries the last byte of each memory. */
#include <avr/eeprom.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>

volatile uint16_t ramstart = RAMSTART, ramend = RAMEND, flashend = FLASHEND, e2end = E2END;
volatile uint16_t vectors_size = _VECTORS_SIZE;
volatile uint8_t flash_last, eeprom_last;
volatile uint8_t ready = 0;

int main(void) {
    flash_last = pgm_read_byte(FLASHEND);
    eeprom_write_byte((uint8_t *)E2END, eeprom_read_byte((const uint8_t *)E2END) ^ 0xFF);
    eeprom_last = eeprom_read_byte((const uint8_t *)E2END);
    ready = 1;
    sleep_enable();
    sleep_cpu();
}
