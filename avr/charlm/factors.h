/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest net: a table of logits after ROWS_SEEN contexts, for ASKED decisions, as the product
 * of two factors that are learned as the table is used.
 *
 *   z = seen[row] . asked[node]                                        1/4096 nat
 *   seen[row] += step g asked[node],  asked[node] += step g seen[row]   with g = bit - P(bit = 1)
 *
 * seen (ROWS_SEEN, UNITS), asked (ASKED, UNITS): 1/64. A row is one symbol's: what it has gone
 * uphill is added up over the symbol's decisions, and the row moves behind the last of them.
 */
#ifndef CHARLM_FACTORS_H
#define CHARLM_FACTORS_H

#include "charlm/nudge.h"

#define UNITS 4
#define DECISIONS_MAX 8
#define FACTOR_STEP 64 /* in 1/65536 of 1/64, g in 1/64, rounded, * the other factor * */

typedef struct {
    int8_t seen[ROWS_SEEN][UNITS];
    int8_t asked[ASKED][UNITS];
    state_u16 carried; /* what the last steps were too little for, in 1/65536 */
    uint8_t halved;    /* times that a step is halved */
} factors;

_Static_assert(UNITS *(127L * 127 / 2) <= 32767, "a logit must fit 16 bits");
_Static_assert(DECISIONS_MAX *(64L * 127 / 2) <= 32767, "a symbol's gradient must fit 16 bits");

/* Numbers without a pattern, -range..range. */
static inline void factors_scatter(int8_t *weight, uint16_t count, uint8_t range, uint16_t *noise) {
    for (uint16_t i = 0; i < count; i++) {
        *noise = (uint16_t)(*noise * 25173u + 13849u);
        weight[i] = (int8_t)((uint8_t)(*noise >> 8) % (2 * range) - range);
    }
}

static inline void factors_start(factors *own) {
    uint16_t noise = 1;
    factors_scatter(own->seen[0], sizeof own->seen, 32, &noise);
    factors_scatter(own->asked[0], sizeof own->asked, 8, &noise);
    own->carried = 0;
    own->halved = 0;
}

/* z, in 1/256 nat. */
SHARED int16_t factors_logit(const factors *own, const int8_t *seen, uint8_t node) {
    const int8_t *asked = own->asked[node];
    int16_t sum = 0;
    for (uint8_t j = 0; j < UNITS; j++) {
        sum = (int16_t)(sum + ((int16_t)(seen[j] * asked[j]) >> 1));
    }
    return sum >> 3;
}

/* A step of any weight in 1/65536 of its unit, halved. */
SHARED void factors_nudge(factors *own, int8_t *weight, int32_t step) {
    step >>= own->halved;
    learned_nudge(weight, (int8_t)(step >> 16), (uint16_t)step, &own->carried);
}

/* A decision's step, g Q15; uphill (UNITS,) collects that of the row. */
SHARED void factors_learn(factors *own, const int8_t *seen, uint8_t node, int16_t g,
                          int16_t *uphill) {
    int8_t slope = (int8_t)(((g >> 8) + 1) >> 1);
    if (slope == 0) {
        return;
    }
    int8_t *asked = own->asked[node];
    for (uint8_t j = 0; j < UNITS; j++) {
        uphill[j] = (int16_t)(uphill[j] + ((int16_t)(slope * asked[j]) >> 1));
        factors_nudge(own, &asked[j], (int32_t)(int16_t)(slope * seen[j]) * FACTOR_STEP);
    }
}

SHARED void factors_move(factors *own, int8_t *seen, const int16_t *uphill) {
    for (uint8_t j = 0; j < UNITS; j++) {
        factors_nudge(own, &seen[j], (int32_t)uphill[j] * (2 * FACTOR_STEP));
    }
}

#endif
