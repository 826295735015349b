/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of English before the first byte: a net of one hidden layer and votes of hashed
 * contexts, all of it in flash.
 *
 *   h[j] = max(0, sum over active rows r of embedding[r][j])            0..HIDDEN_MAX
 *   z    = h . readout[node] + bias[node]                               1/32 nat
 *          + sum over contexts c of PRIOR_VOTE, for or against
 *
 * A context votes for a 1 where its bit, at the hash of context and node, is not c mod 2: slots
 * that no training text has asked for are 1, and such votes of even and odd contexts cancel out.
 *
 * embedding (ROWS, HIDDEN), readout (NODES, HIDDEN): two levels a byte, -7..7, each stored 8 up:
 * sums are of the stored halves, and the eights are taken off once.
 */
#ifndef CHARLM_PRIOR_H
#define CHARLM_PRIOR_H

#include "charlm/prior_tables.h"
#include "fixed/dot.h"

#define LEVEL_ZERO 8
#define HIDDEN_MAX (7 * ROWS_ACTIVE)
#define HIDDEN_BITS 6

_Static_assert(15 * ROWS_ACTIVE <= 255, "the stored halves of a unit must add up in 8 bits");
_Static_assert(HIDDEN_MAX < 1 << HIDDEN_BITS, "products are taken bit by bit without MUL");
_Static_assert((long)HIDDEN *HIDDEN_MAX * 15 <= 32767, "a readout must fit 16 bits");

typedef struct {
    uint8_t hidden[HIDDEN];
    int16_t eights; /* LEVEL_ZERO * sum of hidden: what a readout of stored halves is too much */
    uint16_t context[CONTEXTS];
} prior;

SHARED void prior_look(prior *seen, const history *past) {
    uint8_t row[ROWS_ACTIVE];
    uint16_t total = 0;
    shape_rows(past, row);
    uint8_t *unit = seen->hidden;
    for (uint8_t left = HIDDEN; left > 0; left--) {
        KEEP_COUNTER(left);
        *unit++ = 0;
    }
    for (uint8_t r = 0; r < ROWS_ACTIVE; r++) {
        IN_FLASH uint8_t *two = &prior_embedding[(uint16_t)row[r] * (HIDDEN / 2)];
        unit = seen->hidden;
        for (uint8_t left = HIDDEN / 2; left > 0; left--) {
            KEEP_COUNTER(left);
            uint8_t levels = *two++;
            unit[0] += levels & 15;
            unit[1] += levels >> 4;
            unit += 2;
        }
    }
    unit = seen->hidden;
    for (uint8_t left = HIDDEN; left > 0; left--) {
        KEEP_COUNTER(left);
        uint8_t sum = *unit;
        sum = sum > LEVEL_ZERO * ROWS_ACTIVE ? (uint8_t)(sum - LEVEL_ZERO * ROWS_ACTIVE) : 0;
        *unit++ = sum;
        total += sum;
    }
    seen->eights = (int16_t)(total * LEVEL_ZERO);
    history_contexts(past, seen->context);
}

/* The logit of a node's 1, in 1/32 nat: at most 32767 of either sign. */
SHARED int16_t prior_logit(const prior *seen, uint8_t node) {
    IN_FLASH uint8_t *two = &prior_readout[(uint16_t)node * (HIDDEN / 2)];
    const uint8_t *unit = seen->hidden;
    uint16_t sum = 0;
    for (uint8_t left = HIDDEN / 2; left > 0; left--) {
        KEEP_COUNTER(left);
        uint8_t levels = *two++;
        uint8_t first = fetch_u8(&unit);
        uint8_t second = fetch_u8(&unit);
        if (first != 0) { /* half of the units are rectified away */
            sum = add_product_i8(sum, (int8_t)first, levels & 15, 4);
        }
        if (second != 0) {
            sum = add_product_i8(sum, (int8_t)second, levels >> 4, 4);
        }
    }
    int16_t z = (int16_t)(sum - (uint16_t)seen->eights + (uint16_t)prior_bias[node]);
    uint16_t salt = shape_salt(node);
    for (uint8_t c = 0; c < CONTEXTS; c++) {
        uint16_t slot = (uint16_t)(seen->context[c] + salt);
        uint8_t vote = (uint8_t)(prior_votes[slot >> 3] >> (slot & 7)) & 1;
        z = (int16_t)(vote != (c & 1) ? z + PRIOR_VOTE : z - PRIOR_VOTE);
    }
    return z;
}

#endif
