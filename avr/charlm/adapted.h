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

#include <stddef.h>

#include "charlm/bisection.h"
#include "charlm/names.h"
#include "charlm/transformer.h"

/* All 0 at the start of a text. */
typedef struct {
    state_i16 warmth;
    state_u16 fraction; /* of the sum, where the last symbol was drawn */
    names repeated;
    int8_t bias[SYMBOLS];
    uint8_t even;
} adapted;

#define AT(member, offset)                                                                         \
    _Static_assert(offsetof(adapted, member) == (offset), "adapted.S has it there")
AT(warmth, AT_WARMTH);
AT(fraction, AT_FRACTION);
AT(repeated.in_line, AT_IN_LINE);
AT(repeated.in_speech, AT_IN_SPEECH);
AT(repeated.word, AT_WORD);
AT(repeated.beginning, AT_BEGINNING);
AT(repeated.guesses, AT_GUESSES);
AT(repeated.boosted, AT_BOOSTED);
AT(repeated.guessed, AT_GUESSED);
AT(repeated.boost, AT_BOOST);
AT(repeated.kept, AT_KEPT);
AT(bias, AT_BIAS);
#undef AT

_Static_assert(NORM_ROOT + WARMTH_LIMIT * 256L < 1L << 23, "norm's products must fit 16 bits");
_Static_assert(SYMBOLS == 66, "adapted.S counts so many");

static inline void adapted_start(adapted *own) {
    transformer_clear(own, sizeof *own);
}

/* Of transformer_predict. */
static inline int16_t adapted_warmth(const adapted *own) {
    return own->warmth;
}

/* Adds what is learned to the logits Q5 (SYMBOLS,). */
SHARED void adapted_shift_c(adapted *own, int16_t *logit) {
    for (uint8_t i = 0; i < SYMBOLS; i++) {
        logit[i] += own->bias[i] >> BIAS_SHIFT;
    }
    names_guess(&own->repeated, logit);
}

static inline uint8_t adapted_draw(adapted *own, const uint16_t *frequency, uint32_t sum) {
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
static inline void adapted_step(adapted *own, const uint16_t *frequency, uint8_t symbol,
                                int8_t direction) {
    own->bias[symbol] = saturate_i8((int16_t)(own->bias[symbol] + direction), 127);
    int16_t warmth = own->warmth;
    for (uint16_t power = frequency[symbol]; power >>= 1;) {
        warmth += direction * WARMTH_STEP;
    }
    if (warmth >= -WARMTH_LIMIT && warmth < WARMTH_LIMIT) {
        own->warmth = warmth;
    }
    names_step(&own->repeated, symbol, (int8_t)(direction * BOOST_STEP));
}

/* `came`, no escape, was coded with these frequencies (SYMBOLS,). */
SHARED void adapted_learn_c(adapted *own, const uint16_t *frequency, uint8_t came) {
    uint32_t sum = frequencies_sum(frequency, SYMBOLS);
    adapted_step(own, frequency, came, 1);
    adapted_step(own, frequency, adapted_draw(own, frequency, sum), -1);
    names_keep(&own->repeated, came, frequency[came] >> SURPRISE_SHIFT <= (uint16_t)(sum >> 8));
}

/* What the symbol was. */
SHARED void adapted_push_c(adapted *own, uint8_t symbol) {
    names_push(&own->repeated, symbol);
}

#ifdef __AVR__
void adapted_shift(adapted *own, int16_t *logit);
void adapted_learn(adapted *own, const uint16_t *frequency, uint8_t came);
void adapted_push(adapted *own, uint8_t symbol);
#else
#define adapted_shift adapted_shift_c
#define adapted_learn adapted_learn_c
#define adapted_push adapted_push_c
#endif

#endif
