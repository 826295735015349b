/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary arithmetic coder on 32 bits, without carries. The same narrowing encodes and decodes:
 *
 *   middle = low + (high - low) * p / 65536,   bit 1: high = middle,   bit 0: low = middle + 1
 *   (from below: of the product's low half only the high bytes are multiplied)
 *   a first byte that low and high share is done with: sent, or the next one fetched
 *
 * low < high always, so both halves of a narrowing hold a number.
 * Source: M. Mahoney, Adaptive Weighing of Context Models for Lossless Data Compression
 * (2005), 3.1.
 */
#ifndef CHARLM_CODER_H
#define CHARLM_CODER_H

#include <stddef.h>

#include "charlm/state.h"
#include "fixed/kernel.h"

#define CODE_BYTES 4
#define EVEN 32768 /* the probability of either bit */

typedef struct {
    state_u32 low;
    state_u32 high;
    state_u32 code; /* decoding: the four bytes of the stream that low and high narrow down on */
    uint8_t decoding;
} coder;

_Static_assert(offsetof(coder, low) == 0 && offsetof(coder, high) == 4, "coder.S has these");
_Static_assert(offsetof(coder, code) == 8 && offsetof(coder, decoding) == 12, "and these");

/* The stream: whoever links the coder gives and takes its bytes. */
void coder_put(uint8_t byte);
uint8_t coder_get(void);

/* Encoding when decoding is 0; else the first four bytes are fetched. */
SHARED void coder_start(coder *state, uint8_t decoding) {
    state->low = 0;
    state->high = UINT32_MAX;
    state->code = 0;
    state->decoding = decoding;
    if (decoding) {
        for (uint8_t i = CODE_BYTES; i > 0; i--) {
            ((uint8_t *)&state->code)[i - 1] = coder_get();
        }
    }
}

/* Codes a bit whose probability to be 1 is p / 65536, p 1..65535. Returns the bit: the one given,
 * or the one decoded. */
SHARED uint8_t coder_bit_c(coder *state, uint16_t p, uint8_t bit) {
    uint32_t range = state->high - state->low;
    uint32_t middle = state->low + (uint32_t)(uint16_t)(range >> 16) * p +
                      (uint16_t)((uint8_t)(range >> 8) * (uint16_t)(uint8_t)(p >> 8));
    if (state->decoding) {
        bit = state->code <= middle;
    }
    if (bit) {
        state->high = middle;
    } else {
        state->low = middle + 1;
    }
    while ((uint8_t)(state->low >> 24) == (uint8_t)(state->high >> 24)) {
        if (state->decoding) {
            state->code = state->code << 8 | coder_get();
        } else {
            coder_put((uint8_t)(state->high >> 24));
        }
        state->low <<= 8;
        state->high = state->high << 8 | 255;
    }
    return bit;
}

#ifdef __AVR__
uint8_t coder_bit(coder *state, uint16_t p, uint8_t bit);
#else
#define coder_bit coder_bit_c
#endif

/* Codes a byte of which nothing is known, its highest bit first. Returns it. */
static inline uint8_t coder_plain(coder *state, uint8_t byte) {
    for (uint8_t i = 0; i < 8; i++) {
        byte = (uint8_t)(byte << 1 | coder_bit(state, EVEN, byte >> 7));
    }
    return byte;
}

/* Encoding: sends what tells the last bits apart from any others. */
SHARED void coder_finish(coder *state) {
    for (uint8_t i = CODE_BYTES; i > 0; i--) {
        coder_put(((const uint8_t *)&state->high)[i - 1]);
    }
}

#endif
