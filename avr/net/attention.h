/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-attention, one head, asked at the last position of a short sequence of symbols 0..15.
 *
 *   x[t]   = -1 or +1 by the bits of symbol[t], then of symbol[t - 1]; before the first: 15
 *   q      = Wq x[last] / 8,   k[t] = Wk x[t] / 8,   v[t] = Wv x[t] / 8         (D,) int8
 *   s[t]   = q . k[t] / 2^shift                                                 Q4, int8
 *   p      = softmax(s)                                                         Q8, base 2
 *   out[d] = 32 + sum over t of p[t] * v[t][d] / 1024, held in 0..63            (D,)
 *
 * W (D, D) int8, in flash; every quotient is floored and saturated. Keys and values are made when
 * they are needed and never kept, so the whole takes `length` bytes for p and D for q.
 *
 * Source: Vaswani et al., Attention is all you need, NeurIPS 2017.
 */
#ifndef NET_ATTENTION_H
#define NET_ATTENTION_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"
#include "fixed/saturate.h"
#include "net/softmax.h"

#define ATTENTION_WIDTH 8
#define ATTENTION_BITS 6 /* of an output */
#define ATTENTION_ZERO 32

typedef struct {
    int8_t query[ATTENTION_WIDTH][ATTENTION_WIDTH];
    int8_t key[ATTENTION_WIDTH][ATTENTION_WIDTH];
    int8_t value[ATTENTION_WIDTH][ATTENTION_WIDTH];
} attention_weights;

/* row . x / 8; row (D,), bit i of `token` says the sign of x[i]. */
SHARED int8_t attention_project(IN_FLASH int8_t *row, uint8_t token) {
    int16_t sum = 0;
    for (uint8_t i = ATTENTION_WIDTH; i != 0; i--, token >>= 1) {
        int8_t weight = *row++;
        if (token & 1) {
            sum = (int16_t)(sum + weight);
        } else {
            sum = (int16_t)(sum - weight);
        }
    }
    return saturate_i8(sum >> 3, INT8_MAX);
}

/* Both symbols of a position in one byte: the bits of x. */
static inline uint8_t attention_token(const uint8_t *symbol, uint8_t t) {
    uint8_t before = t == 0 ? 15 : symbol[t - 1];
    return (uint8_t)(symbol[t] | before << 4);
}

/* symbol (length,) 0..15 -> p (length,). query, key (D, D) row-major; length 1..16; q (D,) is room
 * to work in. */
KERNEL void attention_weigh(uint8_t *p, const uint8_t *symbol, uint8_t length, uint8_t shift,
                            IN_FLASH int8_t *query, IN_FLASH int8_t *key, int8_t *q) {
    uint8_t last = attention_token(symbol, (uint8_t)(length - 1));
    for (uint8_t d = 0; d < ATTENTION_WIDTH; d++) {
        q[d] = attention_project(query + d * ATTENTION_WIDTH, last);
    }
    for (uint8_t t = 0; t < length; t++) {
        uint8_t token = attention_token(symbol, t);
        int32_t score = 0;
        for (uint8_t d = 0; d < ATTENTION_WIDTH; d++) {
            int8_t k = attention_project(key + d * ATTENTION_WIDTH, token);
            score += (int16_t)(q[d] * (int16_t)k);
        }
        p[t] = (uint8_t)saturate_i8(saturate_i16(score >> shift, INT8_MAX), INT8_MAX);
    }
    softmax(p, length);
}

/* symbol (length,) 0..15 -> out (D,). length 1..16; p (length,) and q (D,) are room to work in. */
KERNEL void attention(uint8_t *out, const uint8_t *symbol, uint8_t length, uint8_t shift,
                      IN_FLASH attention_weights *w, uint8_t *p, int8_t *q) {
    attention_weigh(p, symbol, length, shift, w->query[0], w->key[0], q);
    for (uint8_t d = 0; d < ATTENTION_WIDTH; d++) {
        int16_t sum = 0; /* the p add up to 255, so it lies within 255 * 127 */
        for (uint8_t t = 0; t < length; t++) {
            if (p[t] != 0) {
                int8_t value = attention_project(w->value[d], attention_token(symbol, t));
                sum = (int16_t)(sum + (int16_t)(p[t] * (int16_t)value));
            }
        }
        out[d] = saturate_u8((int16_t)((sum >> 10) + ATTENTION_ZERO), (1 << ATTENTION_BITS) - 1);
    }
}

#endif
