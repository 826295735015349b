/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/flash.h"

#ifdef FLASH_PAGE_BYTES

#include "chip/watchdog.h"

#ifndef SPMEN
#define SPMEN SELFPRGEN
#endif

uint8_t flash_read(uint16_t address) {
    uint8_t byte;
    __asm__ volatile("lpm %0, Z" : "=r"(byte) : "z"(address));
    return byte;
}

/* SPM must follow within 4 cycles of the command; r1:r0 is the word (datasheets, chapter
 * "Self-Programming"). The CPU stands still while a page is erased or written. */
static __attribute__((noinline)) void spm(uint16_t address, uint16_t word, uint8_t command) {
    __asm__ volatile("movw r0, %1\n\t"
                     "sts %2, %3\n\t"
                     "spm\n\t"
                     "clr __zero_reg__"
                     :
                     : "z"(address), "r"(word), "n"(_SFR_MEM_ADDR(SPMCSR)), "r"(command)
                     : "r0", "memory");
    watchdog_feed();
}

void flash_erase(uint16_t address) {
    spm(address, 0, _BV(SPMEN) | _BV(PGERS));
}

void flash_fill(uint16_t address, uint16_t word) {
    spm(address & ~1u, word, _BV(SPMEN));
}

void flash_write(uint16_t address) {
    spm(address & ~(FLASH_PAGE_BYTES - 1u), 0, _BV(SPMEN) | _BV(PGWRT));
}

#endif
