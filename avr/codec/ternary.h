/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights -1, 0 and 1, five a byte: no products.
 *
 *   byte = ceil(256 n / 243),  n = 81 d0 + 27 d1 + 9 d2 + 3 d3 + d4,  d = weight + 1
 *
 * The byte is n / 243 as a fraction of 256, so the next digit, from d0 on, is the third of 0..255
 * that it lies in, and three times the byte, modulo 256, brings the one after it to the top. A row
 * begins with a byte of its own; digits behind its end are not read.
 */
#ifndef CODEC_TERNARY_H
#define CODEC_TERNARY_H

#include "codec/rows.h"

#define TERNARY_DIGITS 5
#define TERNARY_ZERO 86  /* the first byte whose digit is 1 */
#define TERNARY_PLUS 171 /* and 2 */

typedef codec_rows ternary_rows;
#define ternary_open codec_open

CODEC_BODY int16_t ternary_row(ternary_rows *rows) {
    IN_FLASH uint8_t *weight = rows->weight;
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    uint8_t left = rows->inputs;
    while (left != 0) {
        uint8_t fraction = codec_byte(&weight);
        uint8_t digits = left < TERNARY_DIGITS ? left : TERNARY_DIGITS;
        left = (uint8_t)(left - digits);
        do {
            KEEP_COUNTER(digits);
            uint8_t x = fetch_u8(&input);
            if (fraction < TERNARY_ZERO) {
                sum = (uint16_t)(sum - x);
            } else if (fraction >= TERNARY_PLUS) {
                sum = (uint16_t)(sum + x);
            }
            fraction = (uint8_t)(fraction + (uint8_t)(fraction << 1));
        } while (--digits != 0);
    }
    rows->weight = weight;
    return (int16_t)sum;
}

#endif
