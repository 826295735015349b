/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shape of the prior and the tables that have it. PRIOR_TINY, said by a config, is the one for
 * chips with 8 KB of flash. */
#ifndef CHARLM_SHAPE_H
#define CHARLM_SHAPE_H

#include "charlm/history.h"

#ifdef PRIOR_TINY
#define HIDDEN 16
#define VOTES 16384
#define PRIOR_TABLES "charlm/prior_tiny_tables.h"
#else
#define HIDDEN 32
#define VOTES 65536 /* bits; a slot is a hash of 16 bits as it is */
#define PRIOR_TABLES "charlm/prior_tables.h"
#endif
#define PLACES 3 /* the last characters that the embedding knows */
#define NODES (SYMBOLS - 1)

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

/* Which vote a hash with its salt asks for: in a smaller table, the hash modulo its size. */
static inline uint16_t shape_slot(uint16_t salted) {
    return salted & (VOTES - 1);
}

_Static_assert((VOTES & (VOTES - 1)) == 0, "a slot is the lower bits of a hash");

#endif
