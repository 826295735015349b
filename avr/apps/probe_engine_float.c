/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Benchmark of the engine: software floating point. A net of one input, HIDDEN softsign units and
 * one output learns the parabola t = x^2 on -1..1 by stochastic gradient descent:
 *
 *   s[j] = w[j] x + b[j],  h[j] = s[j] / (1 + |s[j]|),  o = c + sum over j of v[j] h[j]
 *   e = t - o,  dh[j] / ds[j] = (1 - |h[j]|)^2
 *
 * The checksum takes the bits of all weights at the end. ATmega328P. */
#include "apps/probe_engine.h"

#include <string.h>

#define HIDDEN 5
#define STEPS 5000
#define RATE 0.05f

static float w[HIDDEN], b[HIDDEN], v[HIDDEN], c;

static float magnitude(float x) {
    return x < 0 ? -x : x;
}

static float random_weight(uint16_t *random) {
    return (float)(int16_t)next_random(random) * (1.0f / 32768.0f);
}

static void train(float x, float target) {
    float h[HIDDEN], o = c;
    for (uint8_t j = 0; j < HIDDEN; j++) {
        const float s = w[j] * x + b[j];
        h[j] = s / (1.0f + magnitude(s));
        o += v[j] * h[j];
    }
    const float step = RATE * (target - o);
    for (uint8_t j = 0; j < HIDDEN; j++) {
        const float slope = 1.0f - magnitude(h[j]);
        const float back = step * v[j] * slope * slope;
        v[j] += step * h[j];
        w[j] += back * x;
        b[j] += back;
    }
    c += step;
}

static uint32_t mix_float(uint32_t hash, float value) {
    uint8_t bytes[sizeof value];
    memcpy(bytes, &value, sizeof value);
    for (uint8_t i = 0; i < sizeof value; i++) {
        hash = mix(hash, bytes[i]);
    }
    return hash;
}

int main(void) {
    uart_start();
    uint16_t random = 0x5EED;
    for (uint8_t j = 0; j < HIDDEN; j++) {
        w[j] = random_weight(&random);
        b[j] = random_weight(&random);
        v[j] = random_weight(&random);
    }
    for (uint16_t step = 0; step < STEPS; step++) {
        const float x = random_weight(&random);
        train(x, x * x);
    }
    uint32_t hash = mix_float(2166136261UL, c);
    for (uint8_t j = 0; j < HIDDEN; j++) {
        hash = mix_float(mix_float(mix_float(hash, w[j]), b[j]), v[j]);
    }
    finish(hash);
}
