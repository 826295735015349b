/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Associative recall: four pairs of key 0..7 and value 8..15, one of the keys again; which value?
 * One attention head finds it, its queries and keys fixed in flash; what to say of what it found is
 * learned.
 *
 *   p[t]   = softmax over the positions t                    net/attention.h
 *   x[d]   = (sum over t with bit d in token[t] of p[t], less 128) / 8     floored, -16..15
 *   bit b  = [sum over d of w[b][d] * x[d] >= 0]             of the answer
 *   a wrong bit:  w[b][d] <- w[b][d] + x[d] if it should be 1, - x[d] if 0
 *
 * A position is valued by its own bits, a symbol's and those of the symbol before: there is no
 * value projection. The p add up to 255, so x says how many of them have the bit. A weight that a
 * step would take out of its range stays where it is. w, x: integers.
 */
#ifndef KILOBYTE_RECALL_HEAD_H
#define KILOBYTE_RECALL_HEAD_H

#include <stdint.h>

#define RECALL_LENGTH 9
#define RECALL_FEATURES 8
#define RECALL_BITS 3 /* of an answer */

typedef struct {
    int8_t weight[RECALL_BITS][RECALL_FEATURES]; /* the highest bit of the answer first */
    int8_t x[RECALL_FEATURES];
    uint8_t symbol[RECALL_LENGTH]; /* 0..15 */
    uint8_t p[RECALL_LENGTH];
} recall_memory;

extern recall_memory net;

void recall_reset(void);

/* The value 0..7 that net.symbol asks for. */
uint8_t recall_answer(void);

/* Learn from the last sequence, answered by `answer`; only the bits of `label` 0..7 count. */
void recall_learn(uint8_t answer, uint8_t label);

#endif
