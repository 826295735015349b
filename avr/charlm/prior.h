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

#include "charlm/shape.h"
#include PRIOR_TABLES

#define LEVEL_ZERO 8
#define HIDDEN_MAX 31 /* of these tables: their test holds them to it */
#define CHUNK_LEAST 4 /* pairs */

_Static_assert(15 * ROWS_ACTIVE <= 127 + LEVEL_ZERO * ROWS_ACTIVE, "a unit's sum must fit 8 bits");
_Static_assert(HIDDEN_MAX < 32, "without MUL a chip looks at five bits of a unit");
_Static_assert(HIDDEN / 2 % CHUNK_LEAST == 0, "pairs are counted by chunks");
_Static_assert(2 * CHUNK_LEAST * HIDDEN_MAX <= 255, "and the units of one add up in 8 bits");
_Static_assert((long)HIDDEN *HIDDEN_MAX * 15 <= 32767, "a readout must fit 16 bits");
_Static_assert(CONTEXTS == 4 && ROWS_ACTIVE == 5, "prior.S writes them out");
_Static_assert(CONTEXTS / 2 * PRIOR_VOTE <= 127, "a poll must fit 8 bits");

typedef struct {
    uint8_t hidden[HIDDEN];
    int16_t eights; /* LEVEL_ZERO * sum of hidden: what a readout of stored halves is too much */
    uint8_t chunk;  /* pairs whose units add up in 8 bits: nearly always all of them do */
    uint16_t context[CONTEXTS];
} prior;

/* unit[j] = max(0, sum over r of row[r][j]), of stored halves without their eights.
 * unit (2 pairs,), row (ROWS_ACTIVE, pairs). Returns the sum of all units. */
SHARED uint16_t prior_units_c(uint8_t *unit, IN_FLASH uint8_t *const *row, uint8_t pairs) {
    uint16_t total = 0;
    for (uint8_t j = 0; j < 2 * pairs; j++) {
        int8_t sum = -LEVEL_ZERO * ROWS_ACTIVE;
        for (uint8_t r = 0; r < ROWS_ACTIVE; r++) {
            uint8_t levels = row[r][j / 2];
            sum = (int8_t)(sum + (j % 2 ? levels >> 4 : levels & 15));
        }
        unit[j] = sum < 0 ? 0 : (uint8_t)sum;
        total += unit[j];
    }
    return total;
}

/* Sum over j of level[j] * unit[j], of stored halves; unit (2 pairs,), levels (pairs,). The units
 * of `chunk` pairs, a divisor of `pairs`, add up in 8 bits. */
SHARED uint16_t prior_sum_c(const uint8_t *unit, IN_FLASH uint8_t *levels, uint8_t pairs,
                            uint8_t chunk) {
    uint16_t sum = 0;
    (void)chunk;
    for (uint8_t i = 0; i < pairs; i++) {
        sum = (uint16_t)(sum + (levels[i] & 15) * unit[2 * i] + (levels[i] >> 4) * unit[2 * i + 1]);
    }
    return sum;
}

/* Sum over contexts c of (-1)^c * vote * (bit context[c] + salt of votes); context (CONTEXTS,). */
SHARED int8_t prior_poll_c(const uint16_t *context, uint16_t salt, IN_FLASH uint8_t *votes,
                           int8_t vote) {
    int8_t sum = 0;
    for (uint8_t c = 0; c < CONTEXTS; c++) {
        uint16_t slot = shape_slot((uint16_t)(context[c] + salt));
        if (votes[slot >> 3] >> (slot & 7) & 1) {
            sum = (int8_t)(sum + vote);
        }
        vote = (int8_t)-vote;
    }
    return sum;
}

#ifdef __AVR__
uint16_t prior_units(uint8_t *unit, IN_FLASH uint8_t *const *row, uint8_t pairs);
uint16_t prior_sum(const uint8_t *unit, IN_FLASH uint8_t *levels, uint8_t pairs, uint8_t chunk);
#else
#define prior_units prior_units_c
#define prior_sum prior_sum_c
#endif

#if defined(__AVR__) && VOTES == 65536
int8_t prior_poll(const uint16_t *context, uint16_t salt, IN_FLASH uint8_t *votes, int8_t vote);
#else
#define prior_poll prior_poll_c
#endif

SHARED void prior_look(prior *seen, const history *past) {
    uint8_t row[ROWS_ACTIVE];
    IN_FLASH uint8_t *levels[ROWS_ACTIVE];
    shape_rows(past, row);
    for (uint8_t r = 0; r < ROWS_ACTIVE; r++) {
        levels[r] = &prior_embedding[(uint16_t)row[r] * (HIDDEN / 2)];
    }
    uint16_t total = prior_units(seen->hidden, levels, HIDDEN / 2);
    seen->eights = (int16_t)(total * LEVEL_ZERO);
    seen->chunk = total < 256 ? HIDDEN / 2 : CHUNK_LEAST;
    history_contexts(past, seen->context);
}

/* The logit of a node's 1, in 1/32 nat: at most 32767 of either sign. A vote for and a vote against
 * are 2 PRIOR_VOTE apart, and as many contexts are even as odd. */
static inline int16_t prior_logit(const prior *seen, uint8_t node) {
    IN_FLASH uint8_t *levels = &prior_readout[(uint16_t)node * (HIDDEN / 2)];
    int16_t z = (int16_t)prior_sum(seen->hidden, levels, HIDDEN / 2, seen->chunk);
    int8_t poll = prior_poll(seen->context, shape_salt(node), prior_votes, PRIOR_VOTE);
    return (int16_t)(z - seen->eights + prior_bias[node] + 2 * poll);
}

#endif
