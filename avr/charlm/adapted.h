/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the transformer learns of the text that it codes: a temperature, an output bias, names.
 *
 *   logit = warmth * (readout . norm(x)) + bias' + bias + names        bias': the readout's own
 *
 * Each is stepped up its gradient of log P(what came), which for all of them is of one form:
 *
 *   [it speaks for what came] - E[it speaks for what is drawn from P]
 *
 * The expectation is had from one symbol that is drawn, at fractions of the frequencies' sum that
 * go round evenly, the multiples of the golden ratio. So a step is a whole unit towards what came
 * and one away from what was drawn: nothing is divided, and nothing is rounded. What the warmth
 * says of a symbol is its logit, in whole bits.
 *
 * Source: G. Hinton, Training products of experts by minimizing contrastive divergence, 2002.
 */
#ifndef CHARLM_ADAPTED_H
#define CHARLM_ADAPTED_H

#include "charlm/bisection.h"
#include "charlm/names.h"

#define BIAS_SHIFT 2 /* a unit of bias is 1/128 bit */
#ifndef WARMTH_STEP
#define WARMTH_STEP 32
#endif
#define WARMTH_LIMIT ((int16_t)((0x7fffff - NORM_ROOT) >> 8)) /* norm's products have 16 bits */
#define GOLDEN 40503       /* 65536 / 1.618 */
#define SURPRISE_SHIFT 4   /* 4 bits are a surprise */

/* All 0 at the start of a text. */
typedef struct {
    names repeated;
    int8_t bias[SYMBOLS];
    state_i16 warmth; /* of the last norm's root, in 256 */
    state_u16 fraction;
} adapted;

SHARED void adapted_start(adapted *own) {
    uint8_t *byte = (uint8_t *)own;
    for (uint16_t i = 0; i < sizeof *own; i++) {
        *byte++ = 0;
    }
}

/* The root of the last norm, which the warmth scales. */
static inline uint32_t adapted_root(const adapted *own) {
    return (uint32_t)(NORM_ROOT + (int32_t)own->warmth * 256);
}

/* Adds what is learned to the logits Q5 (SYMBOLS,). */
SHARED void adapted_shift(adapted *own, int16_t *logit) {
    for (uint8_t i = 0; i < SYMBOLS; i++) {
        logit[i] += own->bias[i] >> BIAS_SHIFT;
    }
    names_guess(&own->repeated, logit);
}

SHARED uint8_t adapted_draw(adapted *own, const uint16_t *frequency, uint32_t sum) {
    own->fraction += GOLDEN;
    uint32_t left = 0;
    for (uint16_t fraction = own->fraction; fraction != 0; fraction <<= 1) {
        sum >>= 1;
        if (fraction >> 15) {
            left += sum;
        }
    }
    uint8_t symbol = 0;
    while (left >= *frequency) {
        left -= *frequency++;
        symbol++;
    }
    return symbol;
}

/* What spoke for this symbol, towards it or away from it: direction 1 or -1. */
SHARED void adapted_step(adapted *own, const uint16_t *frequency, uint8_t symbol,
                         int8_t direction) {
    own->bias[symbol] = saturate_i8((int16_t)(own->bias[symbol] + direction), 127);
    int16_t warmth = own->warmth;
    for (uint16_t power = frequency[symbol]; power >>= 1;) {
        warmth += direction * WARMTH_STEP;
    }
    if (warmth < WARMTH_LIMIT && warmth > -WARMTH_LIMIT) {
        own->warmth = warmth;
    }
    names_step(&own->repeated, symbol, (int8_t)(direction * BOOST_STEP));
}

/* `came`, no escape, was coded with these frequencies (SYMBOLS,). */
SHARED void adapted_learn(adapted *own, const uint16_t *frequency, uint8_t came) {
    uint32_t sum = frequencies_sum(frequency, SYMBOLS);
    adapted_step(own, frequency, came, 1);
    adapted_step(own, frequency, adapted_draw(own, frequency, sum), -1);
    names_keep(&own->repeated, came, frequency[came] >> (8 - SURPRISE_SHIFT) <= (uint16_t)(sum >> 8));
}

/* What the symbol was. */
static inline void adapted_push(adapted *own, uint8_t symbol) {
    names_push(&own->repeated, symbol);
}

#endif
