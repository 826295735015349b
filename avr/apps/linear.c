/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two classes told apart by a line through the plane of the inputs. The config chooses the rule by
 * which it is learnt, LINEAR_RULE, one of avr/online. No rule has a step size of the host's. */
#include "apps/checkpointed.h"
#include "apps/learner.h"

#define LINEAR_INPUTS LEARNER_INPUTS
#include LINEAR_RULE // cppcheck-suppress preprocessorErrorDirective

#include "fixed/saturate.h"

#define MARGIN_SHIFT 8

_Static_assert(LEARNER_CLASSES == 2 && LEARNER_INPUT_MAX == 255, "a linear rule takes bytes");

linear_model net;
CHECKPOINTED(net, 0)

static int8_t x[LINEAR_TERMS]; /* the last sample in Q7, and AFFINE_ONE */

void learner_set_rate(uint8_t shift) {
    (void)shift;
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    (void)seed;
    linear_reset(&net);
}

/* Score of class 1 less that of class 0. */
static __attribute__((noinline)) int16_t difference(const uint8_t *sample) {
    for (uint8_t i = 0; i < LINEAR_INPUTS; i++) {
        x[i] = affine_input(sample[i]);
    }
    x[LINEAR_INPUTS] = AFFINE_ONE;
    return saturate_i16(linear_score(&net, x) >> MARGIN_SHIFT, INT16_MAX);
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    int16_t score = difference(sample);
    return (learner_answer){.prediction = score >= 0, .margin = score < 0 ? -score : score};
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    int16_t score = difference(sample);
    linear_learn(&net, x, label);
    return (learner_answer){.prediction = score >= 0, .margin = label ? score : -score};
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
