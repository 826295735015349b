/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a table of rules over coarse levels of its inputs. The answer where no rule applies is
 * class 0; the margin is the rule's confidence. */
#include "apps/checkpointed.h"
#include "apps/learner.h"

#include "online/rules.h"

_Static_assert(LEARNER_INPUTS <= 4, "a key has 2 bits for each of 4 inputs");
_Static_assert(LEARNER_CLASSES <= 64, "a rule's answer has 6 bits");

rule_table net;
CHECKPOINTED(net, 0)

void learner_set_rate(uint8_t shift) {
    (void)shift;
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    (void)seed;
    rules_reset(&net);
}

static __attribute__((noinline)) learner_answer answer(uint8_t key) {
    rule found = rules_find(&net, key);
    return (learner_answer){.prediction = RULE_ANSWER(found), .margin = RULE_CONFIDENCE(found)};
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    return answer(rules_key(sample, LEARNER_INPUTS));
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    uint8_t key = rules_key(sample, LEARNER_INPUTS);
    learner_answer before = answer(key);
    if (before.prediction != label) {
        before.margin = -before.margin;
    }
    rules_learn(&net, key, label);
    return before;
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
