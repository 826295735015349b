/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transformer as a model of bytes: those of its alphabet are symbols, any other is an escape
 * and eight bits, and is no part of what the transformer sees. */
#ifndef CHARLM_TRANSFORMER_MODEL_H
#define CHARLM_TRANSFORMER_MODEL_H

#include "charlm/bisection.h"
#include "charlm/coder.h"
#include "charlm/draw.h"
#include "charlm/sharpen.h"
#include "charlm/transformer.h"
#ifdef MODEL_FROZEN
#include "charlm/frozen.h"
#else
#include "charlm/adapted.h"
#endif

/* All that changes from byte to byte. Its wide numbers lie at even places. */
typedef struct {
    transformer net;
    adapted own;
    coder stream;
    drawing draw;
} model;

/* A model that has seen nothing, at the start of a stream. */
SHARED void model_start(model *self, uint8_t decoding) {
    transformer_start(&self->net);
    adapted_start(&self->own);
    self->draw.sharpness = 0;
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

/* Codes a byte and learns it, or draws one: what the model makes up is nothing to learn from.
 * Returns it; decoding, `byte` is not read. */
SHARED uint8_t model_code(model *self, uint8_t byte) {
    uint16_t *logit = self->net.as.logit;
    uint8_t draws = self->stream.decoding && self->draw.sharpness != 0;
    transformer_predict(&self->net, adapted_warmth(&self->own));
    adapted_shift(&self->own, (int16_t *)logit);
    if (draws) {
        sharpen(logit, SYMBOLS, self->draw.sharpness);
    }
    frequencies(logit, SYMBOLS);
    if (draws) {
        logit[SYMBOL_ESCAPE] = 0;
        if (self->draw.top_k != 0 && self->draw.top_k < ALPHABET) {
            keep_top(logit, ALPHABET, self->draw.top_k);
        }
    }
    uint8_t symbol = frequencies_code(&self->stream, logit, SYMBOLS, model_symbol(byte));
    if (symbol == SYMBOL_ESCAPE) {
        return coder_plain(&self->stream, byte);
    }
    if (!draws) {
        adapted_learn(&self->own, logit, symbol);
    }
    adapted_push(&self->own, symbol);
    transformer_push(&self->net, symbol);
    return model_byte(symbol);
}

#endif
