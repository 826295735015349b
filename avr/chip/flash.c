/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/flash.h"

#ifdef FLASH_PAGE_BYTES

#include <avr/boot.h>

#include "chip/watchdog.h"

__attribute__((noinline)) uint16_t flash_read_word(uint16_t address) {
    uint16_t word;
    __asm__ volatile("lpm %A0, Z+\n\t"
                     "lpm %B0, Z"
                     : "=r"(word), "+z"(address));
    return word;
}

uint8_t flash_read(uint16_t address) {
    return (uint8_t)flash_read_word(address);
}

void flash_erase(uint16_t address) {
    boot_page_erase(address);
    watchdog_feed();
}

void flash_fill(uint16_t address, uint16_t word) {
    boot_page_fill(address & ~1u, word);
}

void flash_write(uint16_t address) {
    boot_page_write(address & ~(FLASH_PAGE_BYTES - 1u));
    watchdog_feed();
}

#endif
