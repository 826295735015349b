/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The next character by counts: of all characters (GRAM_ROWS 1) or of those after the last one
 * (GRAM_ROWS 32), a bigram table of 1 KB.
 *
 * The symbols up to the comma have a place in each row; a rare one is the place GRAM_RARE and, by a
 * row of their own, one of the others. GRAM_NEURAL interpolates with a net, bit by bit:
 *
 *   P(1) = 3/4 P of counts + 1/4 / (1 + exp(-z)),   z = seen[last] . asked[node]        factors.h
 *
 * node: a 1 and the bits decided so far.
 */
#ifndef CHARLM_GRAM_H
#define CHARLM_GRAM_H

#include "charlm/coder.h"
#include "charlm/counts.h"
#include "charlm/history.h"
#include "charlm/logistic.h"

#if !defined GRAM_ROWS || !defined GRAM_NEURAL || !defined GRAM_STEP
#error "the app's config says GRAM_ROWS (1 or 32), GRAM_NEURAL (0 or 1) and GRAM_STEP"
#endif

#define GRAM_RARE (COUNTS - 1)
#define RARE_SYMBOLS (SYMBOLS - GRAM_RARE)

#if GRAM_NEURAL
#define ROWS_SEEN COUNTS
#define ASKED COUNTS
#include "charlm/factors.h"
#endif

typedef struct {
    history past;
    coder stream;
    state_u16 feed; /* of spelling.h */
    uint8_t last;   /* place of the last symbol */
    counts often[GRAM_ROWS];
    counts rare;
#if GRAM_NEURAL
    factors net;
#endif
} model;

_Static_assert(RARE_SYMBOLS <= COUNTS, "a rare symbol must have a place among them");

static inline void model_start(model *net, uint8_t decoding) {
    history_start(&net->past);
    net->feed = EVEN;
    net->last = SYMBOL_SPACE;
    for (uint8_t i = 0; i < GRAM_ROWS; i++) {
        counts_start(net->often[i]);
    }
    counts_start(net->rare);
#if GRAM_NEURAL
    factors_start(&net->net);
#endif
    coder_start(&net->stream, decoding);
}

/* Codes and counts a place in a row; what follows `last` has the net's opinion too. Where a half
 * has no symbol there is nothing to decide, or noise could be decoded to what is none. */
SHARED uint8_t code_place(model *net, uint8_t *row, uint8_t place) {
    uint8_t places = row == net->rare ? RARE_SYMBOLS : COUNTS;
    uint8_t first = 0;
#if GRAM_NEURAL
    uint8_t asks = row != net->rare;
    int8_t *seen = net->net.seen[net->last];
    int16_t uphill[UNITS] = {0};
    uint8_t node = 1;
#endif
    for (uint8_t half = COUNTS / 2; half != 0; half >>= 1) {
        if ((first | half) >= places) {
            continue;
        }
        uint16_t p = counts_p(row, first, half);
#if GRAM_NEURAL
        uint16_t opinion = 0;
        if (asks) {
            int16_t z = factors_logit(&net->net, seen, node);
            z = z > LOGIT_MAX ? LOGIT_MAX : z < -LOGIT_MAX ? -LOGIT_MAX : z;
            opinion = logistic(z);
            p = (uint16_t)(p - (p >> 2) + (opinion >> 2));
        }
#endif
        uint8_t bit = coder_bit(&net->stream, p, (place & half) != 0);
#if GRAM_NEURAL
        if (asks) {
            int16_t g = bit ? (int16_t)((uint16_t)(0 - opinion) >> 1) : (int16_t) - (opinion >> 1);
            factors_learn(&net->net, seen, node, g, uphill);
        }
        node = (uint8_t)(node << 1 | bit);
#endif
        first = bit ? first | half : first;
    }
#if GRAM_NEURAL
    factors_move(&net->net, seen, uphill);
#endif
    counts_add(row, first, GRAM_STEP);
    return first;
}

SHARED uint8_t code_symbol(model *net, uint8_t symbol) {
    uint8_t place = symbol < GRAM_RARE ? symbol : GRAM_RARE;
    place = code_place(net, net->often[GRAM_ROWS == 1 ? 0 : net->last], place);
    symbol = place < GRAM_RARE
                 ? place
                 : (uint8_t)(GRAM_RARE +
                             code_place(net, net->rare, (uint8_t)(symbol - GRAM_RARE) & GRAM_RARE));
    net->last = place;
    return symbol;
}

#include "charlm/spelling.h"

#endif
