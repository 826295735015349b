/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Benchmark of the engine: 8-bit fixed point with the hardware multiplier. A dense layer of INPUTS
 * Q7 inputs and OUTPUTS units copies a fixed teacher layer by the delta rule:
 *
 *   s[o] = sum over i of weight[o][i] x[i]  (Q14 in 24 bits),  e[o] = t[o] - s[o] / 2^7
 *   weight[o][i] += e[o] x[i] / 2^10, saturated
 *
 * The checksum takes the weights at the end. ATmega328P. */
#include "apps/probe_engine.h"

#define INPUTS 24
#define OUTPUTS 12
#define STEPS 2400

static int8_t weight[OUTPUTS][INPUTS], teacher[OUTPUTS][INPUTS], x[INPUTS];

static int8_t saturate(int16_t value) {
    return value > 127 ? 127 : value < -128 ? -128 : (int8_t)value;
}

/* The row's sum, Q7. */
static int16_t dot(const int8_t *row) {
    __int24 sum = 0;
    for (uint8_t i = 0; i < INPUTS; i++) {
        sum += row[i] * x[i];
    }
    return (int16_t)(sum >> 7);
}

static void train(void) {
    for (uint8_t o = 0; o < OUTPUTS; o++) {
        const int8_t error = saturate(dot(teacher[o]) - dot(weight[o]));
        for (uint8_t i = 0; i < INPUTS; i++) {
            weight[o][i] = saturate(weight[o][i] + ((error * x[i]) >> 10));
        }
    }
}

int main(void) {
    uart_start();
    uint16_t random = 0xACE1;
    for (uint8_t o = 0; o < OUTPUTS; o++) {
        for (uint8_t i = 0; i < INPUTS; i++) {
            teacher[o][i] = (int8_t)next_random(&random) >> 2;
        }
    }
    for (uint16_t step = 0; step < STEPS; step++) {
        for (uint8_t i = 0; i < INPUTS; i++) {
            x[i] = (int8_t)next_random(&random);
        }
        train();
    }
    uint32_t hash = 2166136261UL;
    for (uint8_t o = 0; o < OUTPUTS; o++) {
        for (uint8_t i = 0; i < INPUTS; i++) {
            hash = mix(hash, (uint8_t)weight[o][i]);
        }
    }
    finish(hash);
}
