/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flash that a firmware writes itself: on ATtinys, where SPM works from anywhere and the CPU stands
 * still until a page is done. Chips with a boot section lack FLASH_PAGE_BYTES, since there SPM
 * works only from it.
 *
 * A page erase of the ATtiny441, 841 and 1634 clears four pages (their datasheets, chapter
 * "Self-Programming"; n_page_erase in avrdude.conf). */
#ifndef CHIP_FLASH_H
#define CHIP_FLASH_H

#include <stdint.h>

#ifdef __AVR__
#include <avr/io.h>
#ifndef RWWSRE
#define FLASH_PAGE_BYTES SPM_PAGESIZE
#if defined __AVR_ATtiny441__ || defined __AVR_ATtiny841__ || defined __AVR_ATtiny1634__
#define FLASH_ERASE_BYTES (4 * SPM_PAGESIZE)
#else
#define FLASH_ERASE_BYTES SPM_PAGESIZE
#endif
#endif
#endif

/* Addresses are those of bytes. What is read is what is there now, whatever the compiler knows of
 * its initial value. */
uint8_t flash_read(uint16_t address);

/* All FLASH_ERASE_BYTES around the address become 0xFF. */
void flash_erase(uint16_t address);

/* Into the page buffer: the word that the byte there is a part of. Once for each word. */
void flash_fill(uint16_t address, uint16_t word);

/* The page buffer into the page around the address, which is erased; the buffer is empty then. */
void flash_write(uint16_t address);

#endif
