/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model: a symbol is coded as decisions down the code tree. */
#ifndef CHARLM_MODEL_H
#define CHARLM_MODEL_H

#include "charlm/draw.h"
#include "charlm/learned.h"

/* All that changes from byte to byte. */
typedef struct {
    history past;
    coder stream;
    state_u16 feed; /* of spelling.h */
    learned own;
    drawing draw;
} model;

/* A model that has seen nothing, at the start of a stream. */
SHARED void model_start(model *net, uint8_t decoding) {
    history_start(&net->past);
    net->feed = EVEN;
    learned_start(&net->own);
    net->draw.sharpness = 0;
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

_Static_assert(LOGIT_MAX *(256L / SHARPNESS_ONE) <= 32767, "a logit and a factor fit 16 bits");

/* A logit by the sharpness, within LOGIT_MAX. */
static inline int16_t sharpened(int16_t z, uint8_t sharpness) {
    uint16_t size = (uint16_t)(z < 0 ? -z : z);
    size = product_high((uint16_t)(size * (256 / SHARPNESS_ONE)), sharpness);
    size = size > LOGIT_MAX ? LOGIT_MAX : size;
    return (int16_t)(z < 0 ? -size : size);
}

/* a * b / 65536, or one less. */
SHARED uint16_t fraction(uint16_t a, uint16_t b) {
    return (uint16_t)(product_high(a, (uint8_t)(b >> 8)) + (product_high(a, (uint8_t)b) >> 8));
}

/* What a walk does on its way. */
#define WALK_CODES 1  /* each decision is coded; else it is the path's */
#define WALK_WEIGHS 2 /* nothing is learned */

typedef struct {
    uint8_t symbol;
    uint8_t depth;   /* decisions on the way */
    uint16_t weight; /* when weighing: its probability, sharpened at each decision, in 1/65536 */
} way;

/* Walks down the tree, on `path` or as is decoded, with the guess at the word so far.
 * Weighing, it stops where the weight is no more than `least`, and gives 0 for it. */
SHARED way walk(model *net, const prior *seen, uint16_t path, uint8_t does, uint16_t least) {
    learned *own = &net->own;
    const history *past = &net->past;
    uint16_t word = seen->context[CONTEXTS - 1];
    uint8_t *guess = &own->guess[product_high(word, GUESSES / 2) >> 7];
    uint8_t confidence = *guess >> 6;
    uint16_t guessed = confidence ? tree_path(*guess & 63) : TREE_END;
    int8_t *column = &own->column[history_column(past)];
    uint8_t hash = (uint8_t)(past->recent[0] * 53);
    uint16_t surprise = 0;
    uint16_t weight = UINT16_MAX;
    uint8_t node = 0;
    uint8_t depth = 0;
    do {
        uint8_t towards = guessed & 1;
        uint8_t level = depth < 2 ? 0 : depth < 4 ? 1 : 2;
        uint8_t b = (uint8_t)((confidence - 1) * DEPTHS + level);
        state_i16 *boost = guessed != TREE_END ? &own->boost[b] : 0;
        int8_t *follow = &own->follow[(uint8_t)(hash + node * 101) & (FOLLOWS - 1)];
        int16_t known = learned_known(seen, node);
        int16_t z = learned_logit(own, seen, node, known, follow, column, boost, towards);
        if (does & WALK_WEIGHS) {
            z = sharpened(z, net->draw.sharpness);
        }
        uint16_t p = logistic(z);
        uint8_t bit = path & 1;
        if (does & WALK_CODES) {
            bit = coder_bit(&net->stream, p, bit);
        }
        depth++;
        if (does & WALK_WEIGHS) {
            weight = fraction(weight, bit ? p : (uint16_t)(0 - p));
            if (weight <= least) {
                return (way){0, depth, 0};
            }
        } else {
            learned_learn(own, seen, node, known, follow, column, boost, towards, p, bit,
                          &surprise);
        }
        guessed = boost && bit == towards ? guessed >> 1 : TREE_END;
        path >>= 1;
        node = tree_child[node * 2 + bit];
    } while (node < TREE_LEAF);
    uint8_t symbol = node - TREE_LEAF;
    if (!(does & WALK_WEIGHS)) {
        learn_guess(guess, symbol, surprise);
    }
    return (way){symbol, depth, weight};
}

/* Draws a symbol: decodes noise by the sharpened probabilities, and again while top_k or more
 * symbols weigh more. So each of the top_k comes as often as it should among them. */
KERNEL uint8_t draw_symbol(model *net, const prior *seen) {
    uint8_t top_k = net->draw.top_k;
    for (;;) {
        way drawn = walk(net, seen, 0, WALK_CODES | WALK_WEIGHS, 0);
        uint8_t heavier = 0;
        uint16_t path = 0;
        uint16_t last = 1; /* of the path's decisions */
        while (last && heavier < top_k) {
            way other = walk(net, seen, path, WALK_WEIGHS, drawn.weight);
            heavier += other.weight != 0;
            last = (uint16_t)(1 << (other.depth - 1));
            while (path & last) { /* the next way in the tree's order, that one's branch left out */
                path ^= last;
                last >>= 1;
            }
            path |= last;
        }
        if (drawn.weight && heavier <= (uint8_t)(top_k - 1)) {
            return drawn.symbol;
        }
    }
}

/* Codes a symbol and learns it, or draws one: what the model makes up is nothing to learn from. */
SHARED uint8_t code_symbol(model *net, uint8_t symbol) {
    prior seen;
    prior_look(&seen, &net->past);
#ifdef MODEL_DRAWS
    if (net->stream.decoding && net->draw.sharpness) {
        return draw_symbol(net, &seen);
    }
#endif
    return walk(net, &seen, tree_path(symbol), WALK_CODES, 0).symbol;
}

#include "charlm/spelling.h"

#endif
