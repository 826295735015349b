/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A symbol coded by its share of all symbols' frequencies, as decisions: is it in the first half of
 * those that are left?
 *
 *   P(first half) = frequencies of the first half / frequencies of both     1/65536, 1..65535
 *
 * On the chip it is layers/bisection.S; the C is its specification, and what the host runs.
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

/* part / whole in 1/65536, held in 1..65535; part <= whole, which is not 0. */
SHARED uint16_t frequencies_share(uint32_t part, uint32_t whole) {
    while (whole >> 16) {
        part >>= 1;
        whole >>= 1;
    }
    uint16_t share = (uint16_t)(((part << 16) - part) / whole);
    return share == 0 ? 1 : share;
}

/* Codes one of `symbols`, of which frequency (symbols,) says how likely each is, one at least not
 * 0. Returns it. What is certain takes no bit; in encoding, symbol's frequency is not 0. */
SHARED uint8_t frequencies_code_c(coder *stream, const uint16_t *frequency, uint8_t symbols,
                                  uint8_t symbol) {
    uint8_t first = 0;
    uint32_t both = frequencies_sum(frequency, symbols);
    while (symbols > 1) {
        uint8_t half = symbols / 2;
        uint32_t left = frequencies_sum(frequency, half);
        uint8_t in_first = left != 0;
        if (in_first && left != both) {
            in_first = coder_bit(stream, frequencies_share(left, both), symbol < half);
        }
        if (in_first) {
            symbols = half;
            both = left;
        } else {
            frequency += half;
            first = (uint8_t)(first + half);
            symbol = (uint8_t)(symbol - half);
            symbols = (uint8_t)(symbols - half);
            both -= left;
        }
    }
    return first;
}

#ifdef __AVR__
uint8_t frequencies_code(coder *stream, const uint16_t *frequency, uint8_t symbols, uint8_t symbol);
#else
#define frequencies_code frequencies_code_c
#endif

#endif
