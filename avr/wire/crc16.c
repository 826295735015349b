/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/crc16.h"

/* The eight steps of one byte at once, without a table. The register's top byte plus the new one,
 * x, is divided by x^16 + x^12 + x^5 + 1: the quotient is q = x ^ (x >> 4), and the remainder adds
 * q * 0x1021, that is q, q << 5 and q << 12. In bytes, for a chip that shifts one bit at a time. */
uint16_t crc16_update(uint16_t crc, const uint8_t *bytes, uint8_t size) {
    uint8_t high = (uint8_t)(crc >> 8);
    uint8_t low = (uint8_t)crc;
    while (size--) {
        uint8_t q = high ^ *bytes++;
        q ^= q >> 4;
        high = low ^ (uint8_t)(q << 4) ^ (q >> 3);
        low = q ^ (uint8_t)(q << 5);
    }
    return (uint16_t)(high << 8 | low);
}
