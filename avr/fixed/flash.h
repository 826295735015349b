/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constants that stay in flash. An AVR reads them with LPM only; on the host they are plain memory.
 */
#ifndef FIXED_FLASH_H
#define FIXED_FLASH_H

#include <stdint.h>

#include "fixed/kernel.h"

/* A qualifier, `static IN_FLASH layer layers[] = {...}`: the compiler reads through it by itself.
 * An attribute, `static const uint8_t table[N] FLASH = {...}`, where numbers are put together from
 * bytes: read by flash_u8. Of `low | high << 8` through the qualifier avr-gcc 5.4 makes one load of
 * 16 bits, and that from SRAM. */
#ifdef __AVR__
#define IN_FLASH const __flash
#define FLASH __attribute__((progmem))
#else
#define IN_FLASH const
#define FLASH
#endif

/* Returns *pointer and moves the pointer on; a constant in flash. */
KERNEL uint8_t flash_u8(const uint8_t **pointer) {
#ifdef __AVR__
    uint8_t value;
    __asm__ volatile("lpm %0, %a1+" : "=r"(value), "+z"(*pointer));
    return value;
#else
    return *(*pointer)++;
#endif
}

/* The same of 16 bits, low byte first, at any address. */
KERNEL int16_t flash_i16(const uint8_t **pointer) {
    uint8_t low = flash_u8(pointer);
    return (int16_t)(low | (uint16_t)flash_u8(pointer) << 8);
}

#endif
