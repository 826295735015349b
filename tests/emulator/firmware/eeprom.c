/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds one to EEPROM byte 3 and copies byte 5 to `copy`. */
#include <avr/eeprom.h>
#include <avr/sleep.h>

volatile uint8_t copy;

int main(void) {
    copy = eeprom_read_byte((const uint8_t *)5);
    eeprom_write_byte((uint8_t *)3, eeprom_read_byte((const uint8_t *)3) + 1);
    eeprom_busy_wait();
    sleep_enable();
    sleep_cpu();
}
