/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shape of the prior, which is the same on every chip: the tables of prior_tables.h have it. */
#ifndef CHARLM_SHAPE_H
#define CHARLM_SHAPE_H

#include "charlm/history.h"

#define HIDDEN 32
#define PLACES 3 /* the last characters that the embedding knows */
#define NODES (SYMBOLS - 1)
#define VOTES 65536 /* bits; a slot is a hash of 16 bits as it is */

/* Rows of the embedding: a class at each place, the capitals, the column. */
#define ROWS_RECENT (PLACES * CLASSES)
#define ROWS (ROWS_RECENT + CAPITALS + COLUMNS)
#define ROWS_ACTIVE (PLACES + 2)

/* The rows that are added up for the next prediction. */
static inline void shape_rows(const history *past, uint8_t row[ROWS_ACTIVE]) {
    for (uint8_t i = 0; i < PLACES; i++) {
        row[i] = (uint8_t)(i * CLASSES + past->recent[i]);
    }
    row[PLACES] = (uint8_t)(ROWS_RECENT + past->capitals);
    row[PLACES + 1] = (uint8_t)(ROWS_RECENT + CAPITALS + history_column(past));
}

/* What is added to a context's hash for a node, modulo 2^16. */
static inline uint16_t shape_salt(uint8_t node) {
    return (uint16_t)(history_product(node) + 4 * node); /* node * 40507 */
}

#endif
