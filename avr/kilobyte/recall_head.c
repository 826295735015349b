/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kilobyte/recall_head.h"

#include "apps/configs/attention.h"
#include "net/attention.h"

#define HIGHEST (1 << (RECALL_BITS - 1))

_Static_assert(RECALL_LENGTH == LEARNER_INPUTS && RECALL_FEATURES == ATTENTION_WIDTH,
               "the sequences and the head of apps/configs/attention.h");
_Static_assert(RECALL_FEATURES * 128 * 16 <= INT16_MAX, "a score must fit 16 bits");

__attribute__((section(".noinit"))) recall_memory net;

static IN_FLASH int8_t query[ATTENTION_WIDTH][ATTENTION_WIDTH] = QUERY;
static IN_FLASH int8_t key[ATTENTION_WIDTH][ATTENTION_WIDTH] = KEY;

void recall_reset(void) {
    int8_t *weight = net.weight[0];
    for (uint8_t left = sizeof net.weight; left != 0; left--) {
        *weight++ = 0;
    }
}

uint8_t recall_answer(void) {
    attention_weigh(net.p, net.symbol, RECALL_LENGTH, ATTENTION_SHIFT, query[0], key[0], net.x);
    int8_t *x = net.x;
    for (uint8_t bit = 1; bit != 0; bit = (uint8_t)(bit << 1)) {
        uint8_t sum = 128;
        for (uint8_t t = 0; t < RECALL_LENGTH; t++) {
            if (attention_token(net.symbol, t) & bit) {
                sum = (uint8_t)(sum + net.p[t]);
            }
        }
        *x++ = (int8_t)sum >> 3; // cppcheck-suppress shiftNegativeLHS
    }
    uint8_t answer = 0;
    const int8_t *weight = net.weight[0];
    for (uint8_t b = RECALL_BITS; b != 0; b--) {
        int16_t score = 0;
        for (uint8_t d = 0; d < RECALL_FEATURES; d++) {
            score = (int16_t)(score + *weight++ * (int16_t)net.x[d]);
        }
        answer = (uint8_t)(answer << 1);
        if (score >= 0) {
            answer++;
        }
    }
    return answer;
}

void recall_learn(uint8_t answer, uint8_t label) {
    uint8_t wrong = answer ^ label;
    int8_t *weight = net.weight[0];
    for (uint8_t bit = HIGHEST; bit != 0; bit >>= 1) {
        for (uint8_t d = 0; d < RECALL_FEATURES; d++, weight++) {
            if (wrong & bit) {
                int8_t x = net.x[d];
                int16_t moved = (int16_t)(label & bit ? *weight + x : *weight - x);
                if (moved == (int8_t)moved) {
                    *weight = (int8_t)moved;
                }
            }
        }
    }
}
