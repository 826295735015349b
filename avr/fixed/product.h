/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product of two bytes. MUL where a chip has it; product.S where it has not: half the cycles of
 * what avr-gcc calls there. */
#ifndef FIXED_PRODUCT_H
#define FIXED_PRODUCT_H

#include <stdint.h>

#include "fixed/kernel.h"

#if defined(__AVR__) && !defined(__AVR_HAVE_MUL__)
uint16_t product_u8(uint8_t a, uint8_t b) __attribute__((const));
#else
KERNEL uint16_t product_u8(uint8_t a, uint8_t b) {
    return (uint16_t)(a * b);
}
#endif

#endif
