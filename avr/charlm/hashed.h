/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contexts of the last 1, 2, 3 and 4 characters, hashed, and their opinions mixed.
 *
 *   s[c] = slot[hash(context c, node)]                                 a logit, 1/16 nat
 *   z    = sum over c of weight[c] * s[c]
 *
 * A weight goes up the gradient of the mix's log P(bit), a slot that of what it says alone. weight:
 * 1/64. Orders 1 and 2 have a table of their own each, 3 and 4 share one: of 864 slots, most are
 * best given to the last character alone, whose contexts come again.
 * Source: M. Mahoney, Adaptive Weighing of Context Models for Lossless Data Compression (2005).
 */
#ifndef CHARLM_HASHED_H
#define CHARLM_HASHED_H

#define TREE_TABLES "charlm/tree_sounds_tables.h"

#include "charlm/coder.h"
#include "charlm/history.h"
#include "charlm/logistic.h"
#include "charlm/nudge.h"
#include "charlm/tree.h"
#include "fixed/product.h"

#define ORDERS 4
#define HASHED_SLOTS 864
#define SLOT_STEP 4   /* g Q15 * , in 1/65536 of a slot's unit */
#define WEIGHT_STEP 8 /* g Q7, s * , in 1/65536 of a weight's */
#define WEIGHT_START 26

/* Where the slots of an order begin, and how many there are, in fours. */
static IN_FLASH uint16_t hashed_first[ORDERS] = {0, 704, 824, 824};
static IN_FLASH uint8_t hashed_fours[ORDERS] = {176, 30, 10, 10};

_Static_assert(ORDERS *(127L * 127 / 4) <= 32767, "a mix must fit 16 bits");

typedef struct {
    history past;
    coder stream;
    state_u16 feed;    /* of spelling.h */
    state_u16 carried; /* what the last steps were too little for, in 1/65536 */
    int8_t weight[ORDERS];
    int8_t slot[HASHED_SLOTS];
} model;

static inline void model_start(model *net, uint8_t decoding) {
    uint8_t *byte = (uint8_t *)net;
    for (uint16_t i = 0; i < sizeof *net; i++) {
        byte[i] = 0;
    }
    history_start(&net->past);
    net->feed = EVEN;
    for (uint8_t c = 0; c < ORDERS; c++) {
        net->weight[c] = WEIGHT_START;
    }
    coder_start(&net->stream, decoding);
}

/* A step in 1/65536 of a number's unit. */
SHARED void hashed_nudge(model *net, int8_t *number, int32_t step) {
    learned_nudge(number, (int8_t)(step >> 16), (uint16_t)step, &net->carried);
}

/* bit - p, Q15. */
static inline int16_t hashed_gradient(uint16_t p, uint8_t bit) {
    return bit ? (int16_t)((uint16_t)(0 - p) >> 1) : (int16_t) - (p >> 1);
}

/* Walks down the tree, to `symbol` or to what is decoded. */
SHARED uint8_t code_symbol(model *net, uint8_t symbol) {
    const history *past = &net->past;
    uint16_t context[ORDERS];
    uint16_t mixed = past->capitals & CAPITAL_NEXT;
    for (uint8_t c = 0; c < ORDERS; c++) {
        mixed = history_mix(mixed, past->recent[c]);
        context[c] = mixed;
    }
    uint16_t path = net->stream.decoding ? TREE_END : tree_path(symbol);
    uint8_t node = 0;
    do {
        int8_t *slot[ORDERS];
        int16_t z = 0;
        for (uint8_t c = 0; c < ORDERS; c++) {
            uint16_t at = product_high(history_mix(context[c], node), hashed_fours[c]) >> 6;
            slot[c] = &net->slot[hashed_first[c] + at];
            z = (int16_t)(z + ((int16_t)(*slot[c] * net->weight[c]) >> 2));
        }
        z = z > LOGIT_MAX ? LOGIT_MAX : z < -LOGIT_MAX ? -LOGIT_MAX : z;
        uint16_t p = logistic(z);
        uint8_t bit = coder_bit(&net->stream, p, path & 1);
        int16_t g = hashed_gradient(p, bit);
        for (uint8_t c = 0; c < ORDERS; c++) {
            hashed_nudge(net, &net->weight[c],
                         (int32_t)(int16_t)((g >> 8) * *slot[c]) * WEIGHT_STEP);
            int16_t own = hashed_gradient(logistic((int16_t)(*slot[c] * 16)), bit);
            hashed_nudge(net, slot[c], (int32_t)own * SLOT_STEP);
        }
        path >>= 1;
        node = tree_child[node * 2 + bit];
    } while (node < TREE_LEAF);
    return node - TREE_LEAF;
}

#include "charlm/spelling.h"

#endif
