/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two classes, learnt by rules over coarse cells of the inputs and, where no rule is sure, by a
 * line through their plane. The margin is 1 for every answer: a rule's confidence and a line's
 * score have no unit in common. */
#include "apps/checkpointed.h"
#include "apps/learner.h"

#define LINEAR_INPUTS LEARNER_INPUTS
#include "online/pair.h"

_Static_assert(LEARNER_CLASSES == 2 && LEARNER_INPUT_MAX == 255, "a linear rule takes bytes");
_Static_assert(LEARNER_INPUTS <= 4, "a key has 2 bits for each of 4 inputs");

pair_model net;
CHECKPOINTED(net, 0)

static int8_t x[LINEAR_TERMS]; /* the last sample in Q7, and AFFINE_ONE */

void learner_set_rate(uint8_t shift) {
    (void)shift;
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    (void)seed;
    pair_reset(&net);
}

static __attribute__((noinline)) uint8_t answer(const uint8_t *sample, uint8_t key) {
    for (uint8_t i = 0; i < LINEAR_INPUTS; i++) {
        x[i] = affine_input(sample[i]);
    }
    x[LINEAR_INPUTS] = AFFINE_ONE;
    return pair_answer(&net, key, x);
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    uint8_t key = rules_key(sample, LEARNER_INPUTS);
    return (learner_answer){.prediction = answer(sample, key), .margin = 1};
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    uint8_t key = rules_key(sample, LEARNER_INPUTS);
    uint8_t before = answer(sample, key);
    pair_learn(&net, key, x, label);
    return (learner_answer){.prediction = before, .margin = before == label ? 1 : -1};
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
