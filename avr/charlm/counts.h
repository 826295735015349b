/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came how often: a row of counts, which is a code as well.
 *
 *   P(symbol) = count[symbol] / sum of the row
 *
 * A symbol is COUNT_BITS decisions, of its number's bits from the highest, each with the counts of
 * the symbols that it leaves: P(1) = sum over the upper half / sum over both. No count is ever 0.
 */
#ifndef CHARLM_COUNTS_H
#define CHARLM_COUNTS_H

#include "fixed/kernel.h"

#define COUNT_BITS 5
#define COUNTS (1 << COUNT_BITS)
#define COUNT_MAX 255

typedef uint8_t counts[COUNTS];

static inline void counts_start(uint8_t *row) {
    for (uint8_t i = 0; i < COUNTS; i++) {
        row[i] = 1;
    }
}

/* P(1) of the bit that decides between the symbols first.. and first + half.., half of each, in
 * 1/65536: 1..65535. A row's sum is at most COUNTS * COUNT_MAX, so 8 bits more of it fit 16. */
SHARED uint16_t counts_p(const uint8_t *row, uint8_t first, uint8_t half) {
    uint16_t zeros = 0, ones = 0;
    for (uint8_t i = 0; i < half; i++) {
        zeros += row[first + i];
        ones += row[first + half + i];
    }
    return (uint16_t)(((uint32_t)ones << 16) / (uint16_t)(zeros + ones));
}

/* Counts a symbol `step` times; a count that is full halves the row. */
SHARED void counts_add(uint8_t *row, uint8_t symbol, uint8_t step) {
    if (row[symbol] > COUNT_MAX - step) {
        for (uint8_t i = 0; i < COUNTS; i++) {
            row[i] = (uint8_t)((row[i] + 1) >> 1);
        }
    }
    row[symbol] = (uint8_t)(row[symbol] + step);
}

_Static_assert(COUNTS *COUNT_MAX <= 65535, "a row's sum must fit 16 bits");

#endif
