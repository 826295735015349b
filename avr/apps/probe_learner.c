/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves the tests of the serve loop. A multiclass perceptron (Crammer and Singer's
 * ultraconservative form): small enough to be checked by hand, and its weights tell which steps
 * were really taken. */
#include "apps/learner.h"

#define NOINLINE __attribute__((noinline))

typedef struct {
    int16_t weight[LEARNER_CLASSES][LEARNER_INPUTS];
    int16_t bias[LEARNER_CLASSES];
} network;

network net;
static uint8_t rate_shift;

NOINLINE void learner_reset(uint16_t seed) {
    for (uint8_t c = 0; c < LEARNER_CLASSES; c++) {
        for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
            net.weight[c][i] = (int16_t)(seed & 0xFF) + c - i;
        }
        net.bias[c] = (int16_t)(seed >> 8);
    }
    rate_shift = 0;
}

void learner_set_rate(uint8_t shift) {
    rate_shift = shift;
}

/* score[c] = bias[c] + sum over i of weight[c][i] * sample[i], modulo 2^16 */
static int16_t score(uint8_t class, const uint8_t *sample) {
    uint16_t sum = (uint16_t)net.bias[class];
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        sum += (uint16_t)net.weight[class][i] * (uint16_t)sample[i];
    }
    return (int16_t)sum;
}

NOINLINE learner_answer learner_infer(const uint8_t *sample) {
    learner_answer answer = {0, 0};
    int16_t best = score(0, sample);
    int16_t second = INT16_MIN;
    for (uint8_t c = 1; c < LEARNER_CLASSES; c++) {
        int16_t s = score(c, sample);
        if (s > best) {
            second = best;
            best = s;
            answer.prediction = c;
        } else if (s > second) {
            second = s;
        }
    }
    answer.margin = (int16_t)((uint16_t)best - (uint16_t)second);
    return answer;
}

/* On a mistake only: weight[label] += sample * 256 >> rate, weight[prediction] -= the same. */
NOINLINE learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    learner_answer answer = learner_infer(sample);
    uint8_t wrong = answer.prediction;
    if (wrong != label) {
        for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
            uint16_t step = (uint16_t)(sample[i] << 8) >> rate_shift;
            net.weight[label][i] = (int16_t)((uint16_t)net.weight[label][i] + step);
            net.weight[wrong][i] = (int16_t)((uint16_t)net.weight[wrong][i] - step);
        }
        net.bias[label]++;
        net.bias[wrong]--;
    }
    return answer;
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}
uint16_t learner_weights_size(void) {
    return sizeof(net);
}
