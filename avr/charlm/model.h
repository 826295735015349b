/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model: a symbol is coded as decisions down the code tree. */
#ifndef CHARLM_MODEL_H
#define CHARLM_MODEL_H

#include "charlm/learned.h"

/* All that changes from byte to byte. */
typedef struct {
    history past;
    coder stream;
    state_u16 feed; /* of spelling.h */
    learned own;
} model;

/* A model that has seen nothing, at the start of a stream. */
SHARED void model_start(model *net, uint8_t decoding) {
    history_start(&net->past);
    net->feed = EVEN;
    learned_start(&net->own);
    coder_start(&net->stream, decoding);
}

/* A hit raises the confidence, a miss lowers it; a symbol that surprised takes a doubted place. */
SHARED void learn_guess(uint8_t *guess, uint8_t symbol, uint16_t surprise) {
    uint8_t confidence = *guess >> 6;
    if (confidence > 0 && (*guess & 63) == symbol) {
        *guess = (uint8_t)(confidence < CONFIDENCES ? *guess + 64 : *guess);
    } else if (confidence > 1) {
        *guess = (uint8_t)(*guess - 64);
    } else if (surprise >= SURPRISE / 8) {
        *guess = (uint8_t)(symbol | 64);
    }
}

/* Walks down the tree, to `symbol` or to what is decoded, with the guess at the word so far. */
SHARED uint8_t code_symbol(model *net, uint8_t symbol) {
    learned *own = &net->own;
    const history *past = &net->past;
    prior seen;
    prior_look(&seen, past);

    uint16_t word = seen.context[CONTEXTS - 1];
    uint8_t *guess = &own->guess[product_high(word, GUESSES / 2) >> 7];
    uint8_t confidence = *guess >> 6;
    uint16_t guessed = confidence ? tree_path(*guess & 63) : TREE_END;
    uint16_t path = net->stream.decoding ? TREE_END : tree_path(symbol);
    int8_t *column = &own->column[history_column(past)];
    uint8_t hash = (uint8_t)(past->recent[0] * 53);
    uint16_t surprise = 0;
    uint8_t node = 0;
    uint8_t depth = 0;
    do {
        uint8_t towards = guessed & 1;
        uint8_t level = depth < 2 ? 0 : depth < 4 ? 1 : 2;
        uint8_t b = (uint8_t)((confidence - 1) * DEPTHS + level);
        state_i16 *boost = guessed != TREE_END ? &own->boost[b] : 0;
        int8_t *follow = &own->follow[(uint8_t)(hash + node * 101) & (FOLLOWS - 1)];
        uint8_t bit = learned_decide(own, &net->stream, &seen, node, follow, column, boost, towards,
                                     path & 1, &surprise);
        guessed = boost && bit == towards ? guessed >> 1 : TREE_END;
        path >>= 1;
        depth++;
        node = tree_child[node * 2 + bit];
    } while (node < TREE_LEAF);
    symbol = node - TREE_LEAF;
    learn_guess(guess, symbol, surprise);
    return symbol;
}

#include "charlm/spelling.h"

#endif
