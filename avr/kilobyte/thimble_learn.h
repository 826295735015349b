/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network of thimble.h in C. `seed` is whatever SRAM holds at power-up, or what a debugger has
 * put there. For one file of an image. */
#ifndef KILOBYTE_THIMBLE_LEARN_H
#define KILOBYTE_THIMBLE_LEARN_H

#include <stdint.h>

#include "kilobyte/thimble.h"

#define NOINIT __attribute__((section(".noinit")))

typedef struct {
    int8_t weight[2]; /* w[j][i] */
    int8_t bias;
    int8_t activation;    /* h[j] of the last forward pass */
    int8_t output_weight; /* v[j] */
} thimble_unit;

NOINIT uint16_t seed;
NOINIT struct {
    int8_t output_bias; /* c */
    thimble_unit hidden[THIMBLE_HIDDEN];
} net;

/* The next number: 8 bits, of a generator whose 65,536 states come once each. */
static uint8_t random_byte(void) {
    seed = (uint16_t)((seed << 8) + seed + THIMBLE_ADDEND);
    return (uint8_t)(seed >> 8);
}

/* c = 0 and fresh weights in -1/2..1/2. */
static void draw_weights(void) {
    net.output_bias = 0;
    int8_t *weight = (int8_t *)net.hidden;
    do {
        *weight++ = (int8_t)random_byte() >> 2;
    } while (weight != (int8_t *)(&net + 1));
}

/* o for a pattern, Q12. */
static int16_t forward(uint8_t pattern) {
    int16_t output = (int16_t)(net.output_bias * 256);
    thimble_unit *unit = net.hidden;
    do {
        int8_t sum = 0;
        if (pattern & 1) {
            sum += unit->weight[0];
        }
        if (pattern & 2) {
            sum += unit->weight[1];
        }
        sum += unit->bias;
        if (sum < 0) {
            sum = 0;
        }
        unit->activation = sum;
        while (sum--) { /* the product, on a chip that has none */
            output += unit->output_weight;
        }
    } while (++unit != net.hidden + THIMBLE_HIDDEN);
    return output;
}

/* All nine parameters one step down the gradient, towards the answer 1 or 0. */
static void backward(uint8_t pattern, uint8_t one) {
    net.output_bias += one ? THIMBLE_BIAS_STEP : -THIMBLE_BIAS_STEP;
    thimble_unit *unit = net.hidden;
    do {
        int8_t step_v = unit->activation >> 2;
        int8_t step = unit->output_weight >> 2;
        if (!one) {
            step_v = -step_v;
            step = -step;
        }
        unit->output_weight += step_v;
        if (unit->activation) {
            unit->bias += step;
            if (pattern & 1) {
                unit->weight[0] += step;
            }
            if (pattern & 2) {
                unit->weight[1] += step;
            }
        }
    } while (++unit != net.hidden + THIMBLE_HIDDEN);
}

/* From fresh weights to a round without a step. Returns the answers in it, bit k to pattern k. */
static uint8_t learn(void) {
    uint8_t answers;
    uint8_t moved;
    uint8_t rounds = 0; /* left of this try */
    do {
        if (rounds == 0) {
            draw_weights();
            rounds = THIMBLE_ROUNDS;
        }
        rounds--;
        answers = 0;
        moved = 0;
        for (uint8_t pattern = 0; pattern < 4; pattern++) {
            int8_t score = (int8_t)(forward(pattern) >> 8);
            answers >>= 1;
            if (score >= 0) {
                answers |= 8;
            }
            uint8_t one = (pattern + 1) & 2;
            if (!one) {
                score = ~score;
            }
            if (score < THIMBLE_MARGIN) {
                backward(pattern, one);
                moved = 1;
            }
        }
    } while (moved);
    return answers;
}

#endif
