/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The upper two bytes of a product of three: a word by a fraction of a byte. Where a chip has MUL,
 * twice that; where it has not, product.S. avr-gcc multiplies 32 bits for it, in four times the
 * cycles. */
#ifndef FIXED_PRODUCT_H
#define FIXED_PRODUCT_H

#include <stdint.h>

#include "fixed/kernel.h"

/* a * b / 256, floored. */
KERNEL uint16_t product_high_c(uint16_t a, uint8_t b) {
    return (uint16_t)((uint16_t)((uint8_t)(a >> 8) * b) + ((uint16_t)((uint8_t)a * b) >> 8));
}

#if defined(__AVR__) && !defined(__AVR_HAVE_MUL__)
uint16_t product_high(uint16_t a, uint8_t b) __attribute__((const));
#else
#define product_high product_high_c
#endif

#endif
