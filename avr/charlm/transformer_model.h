/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transformer as a model of bytes: those of its alphabet are symbols, any other is an escape
 * and eight bits, and is no part of what the transformer sees. */
#ifndef CHARLM_TRANSFORMER_MODEL_H
#define CHARLM_TRANSFORMER_MODEL_H

#include "charlm/bisection.h"
#include "charlm/coder.h"
#include "charlm/transformer.h"
#ifdef MODEL_FROZEN
#include "charlm/frozen.h"
#else
#include "charlm/adapted.h"
#endif

/* All that changes from byte to byte. */
typedef struct {
    transformer net;
    adapted own;
    coder stream;
} model;

/* A model that has seen nothing, at the start of a stream. */
SHARED void model_start(model *self, uint8_t decoding) {
    transformer_clear(&self->net, sizeof self->net + sizeof self->own);
    coder_start(&self->stream, decoding);
}

static inline uint8_t model_byte(uint8_t symbol) {
    tape at = transformer_alphabet + symbol;
    return flash_u8(&at);
}

/* A byte's symbol. */
SHARED uint8_t model_symbol(uint8_t byte) {
    uint8_t symbol = 0;
    while (symbol < ALPHABET && model_byte(symbol) != byte) {
        symbol++;
    }
    return symbol;
}

/* Codes a byte and learns it. Returns it; decoding, `byte` is not read. */
SHARED uint8_t model_code(model *self, uint8_t byte) {
    transformer_predict(&self->net, adapted_root(&self->own));
    adapted_shift(&self->own, (int16_t *)self->net.as.logit);
    frequencies(self->net.as.logit, SYMBOLS);
    uint8_t symbol =
        frequencies_code(&self->stream, self->net.as.logit, SYMBOLS, model_symbol(byte));
    if (symbol != SYMBOL_ESCAPE) {
        adapted_learn(&self->own, self->net.as.logit, symbol);
        adapted_push(&self->own, symbol);
        transformer_push(&self->net, symbol);
        return model_byte(symbol);
    }
    return coder_plain(&self->stream, byte);
}

#endif
