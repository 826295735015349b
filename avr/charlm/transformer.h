/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transformer of int4 weights: the logits of the next symbol from those before it, in integers.
 *
 *   x       = sum over places of embedding[place][symbol so far back]           (WIDTH,) Q4
 *   a layer:  y = norm(x);   a query a head, a key, a value = project . y       (HEAD,) Q5
 *             x += out . attend(queries, keys, values)
 *             y = norm(x);   h = max(0, up . y + bias)^2                        (units,) Q3
 *             x += down . h
 *   logit   = readout . norm(x) + bias                                          (SYMBOLS,) Q5
 *
 * Powers are of two, so that a logit of 1 is a bit. All heads share a key and a value, which are
 * kept in rings for as many characters as the layer's window; those before the text are 0. A unit
 * is added to x's sum as soon as it is known, and is not kept.
 *
 * The weights stand in flash in the order in which a character reads them, as a tape; only the
 * embedding is looked up:
 *
 *   embedding  (PLACES, ALPHABET, EMBEDDED)
 *   tape       embedding scale |
 *              a layer:  gain | window | queries | key, value | heads x (distance bias, out) |
 *                        out scale | gain | units / 2 | units | down scale
 *              gain | readout;  each part as charlm/levels.h reads it
 *
 * Sources: Vaswani et al., Attention is all you need, 2017; Shazeer, Fast transformer decoding,
 * 2019 (one key and value for all heads); Zhang and Sennrich, Root mean square layer normalization,
 * 2019; So et al., Primer, 2021 (the squared rectifier).
 */
#ifndef CHARLM_TRANSFORMER_H
#define CHARLM_TRANSFORMER_H

#include "charlm/attend.h"
#include "charlm/levels.h"
#include "charlm/norm.h"
#include "charlm/state.h"
#include "charlm/transformer_shape.h"

typedef struct {
    union {
        struct {
            state_i16 x[WIDTH];       /* Q4 */
            state_u16 sum[1 + WIDTH]; /* of rows, as rows_add leaves it */
        } residual;
        state_u16 logit[SYMBOLS]; /* int16 Q5; then the symbols' frequencies */
    } as;
    union {
        int8_t y[WIDTH];             /* Q5 */
        state_i16 score[WINDOW_MAX]; /* of a head, when its layer's y is used up */
    } of;
    int8_t rings[2 * HEAD * WINDOWS]; /* of each layer (window, 2 * HEAD): keys and values, Q5 */
    uint8_t recent[PLACES];           /* symbols, the last first */
    uint8_t position;                 /* modulo every window */
} transformer;

SHARED void transformer_clear(void *room, uint16_t size) {
    for (uint8_t *byte = room; size != 0; size--) {
        *byte++ = 0;
    }
}

/* A line feed, symbol 0, is before the text. */
static inline void transformer_start(transformer *net) {
    transformer_clear(net, sizeof *net);
}

/* x += sum * the scale on the tape; sum = 0; y = norm(x) by the gains behind the scale and
 * a root of NORM_ROOT + 256 * warmth. Returns where products with y begin. */
SHARED uint16_t transformer_settle(transformer *net, tape at, int16_t warmth) {
    at = scaled_add(net->as.residual.x, at, net->as.residual.sum, RESIDUAL_LIMIT, WIDTH);
    return norm(net->of.y, net->as.residual.x, at, (uint32_t)(NORM_ROOT + warmth * 256L), WIDTH);
}

static inline void transformer_embed(transformer *net) {
    transformer_clear(&net->as.residual, sizeof net->as.residual);
    uint8_t first = 0;
    for (uint8_t place = 0; place < PLACES; place++) {
        tape row = transformer_embedding;
        for (uint8_t above = (uint8_t)(first + net->recent[place]); above != 0; above--) {
            row += EMBEDDED;
        }
        int8_t factor = (int8_t)flash_u8(&row);
        rows_add(net->as.residual.sum, row, &factor, WIDTH, 1);
        first += ALPHABET;
    }
}

/* Attention, its result added to the residual's sum; on the tape from the queries to the last
 * `out`. ring: the layer's. */
SHARED tape transformer_attend(transformer *net, tape at, uint16_t start, int8_t *ring,
                               uint8_t window) {
    int8_t query[HEADS * HEAD]; /* each until its head's result takes its place */
    uint8_t position = net->position & (uint8_t)(window - 1);
    int8_t *now = ring + position * 2 * HEAD;
    at = rows_to_bytes(query, at, net->of.y, start, WIDTH, HEADS * HEAD / 2);
    at = rows_to_bytes(now, at, net->of.y, start, WIDTH, HEAD);
    for (int8_t *head = query; head != query + sizeof query; head += HEAD) {
        at = attend(head, head, ring, at, net->of.score, position, window);
        at = rows_add(net->as.residual.sum, at, head, WIDTH, HEAD);
    }
    return at;
}

/* The logits of the symbol after the recent ones. warmth: of the readout's norm. */
SHARED void transformer_predict(transformer *net, int16_t warmth) {
    tape at = transformer_tape;
    int8_t *ring = net->rings;
    transformer_embed(net);
    uint16_t start = transformer_settle(net, at, 0);
    at += SETTLED;
    for (uint8_t left = LAYERS; left != 0; left--) {
        uint8_t window = flash_u8(&at);
        at = transformer_attend(net, at, start, ring, window);
        ring += 2 * HEAD * window;
        start = transformer_settle(net, at, 0);
        at += SETTLED;
        uint8_t pairs = flash_u8(&at);
        at = feed_forward(net->as.residual.sum, at, net->of.y, start, WIDTH, pairs);
        start = transformer_settle(net, at, left == 1 ? warmth : 0);
        at += SETTLED;
    }
    rows_to_logits((int16_t *)net->as.logit, at, net->of.y, start, WIDTH, SYMBOLS / 2);
}

/* What the symbol was. */
SHARED void transformer_push(transformer *net, uint8_t symbol) {
    for (uint8_t place = PLACES - 1; place != 0; place--) {
        net->recent[place] = net->recent[place - 1];
    }
    net->recent[0] = symbol;
    net->position++;
}

#endif
