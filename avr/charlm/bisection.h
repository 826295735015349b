/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A symbol coded by its share of all symbols' frequencies, as decisions: is it in the first half of
 * those that are left?
 *
 *   P(first half) = frequencies of the first half / frequencies of both       1/65536, held
 * in 1..65535
 */
#ifndef CHARLM_BISECTION_H
#define CHARLM_BISECTION_H

#include <stdint.h>

#include "charlm/coder.h"

SHARED uint32_t frequencies_sum(const uint16_t *frequency, uint8_t symbols) {
    uint32_t sum = 0;
    for (; symbols != 0; symbols--) {
        sum += *frequency++;
    }
    return sum;
}

/* Codes one of `symbols`, of which frequency (symbols,) says how likely each is. Returns it. */
SHARED uint8_t frequencies_code(coder *stream, const uint16_t *frequency, uint8_t symbols,
                                uint8_t symbol) {
    uint8_t first = 0;
    uint32_t both = frequencies_sum(frequency, symbols);
    while (symbols > 1) {
        uint8_t half = symbols / 2;
        uint32_t left = frequencies_sum(frequency + first, half);
        uint32_t part = left;
        uint32_t whole = both;
        while (whole >> 16) {
            part >>= 1;
            whole >>= 1;
        }
        uint32_t p = (part << 16) / whole;
        p = p == 0 ? 1 : p > UINT16_MAX ? UINT16_MAX : p;
        if (coder_bit(stream, (uint16_t)p, symbol < first + half)) {
            symbols = half;
            both = left;
        } else {
            first = (uint8_t)(first + half);
            symbols = (uint8_t)(symbols - half);
            both -= left;
        }
    }
    return first;
}

#endif
