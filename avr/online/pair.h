/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A neuro-symbolic pair: rules answer where they are sure, and a linear rule, which learns only
 * from the samples that no sure rule covers, answers elsewhere.
 *
 *   answer = rule's answer          where its confidence >= PAIR_SURE
 *            [score(x) >= 0]        elsewhere
 *
 * Cells of the input that have one class become rules; those that a boundary cuts, and those never
 * seen, stay with the line. The config states what rules.h and LINEAR_RULE want, and PAIR_SURE.
 */
#ifndef ONLINE_PAIR_H
#define ONLINE_PAIR_H

#include "online/rules.h"

#include LINEAR_RULE // cppcheck-suppress preprocessorErrorDirective

typedef struct {
    rule_table rules;
    linear_model linear;
} pair_model;

_Static_assert(PAIR_SURE >= 1 && PAIR_SURE <= RULES_CONFIDENCE_MAX,
               "a rule must be able to be sure");

KERNEL void pair_reset(pair_model *pair) {
    rules_reset(&pair->rules);
    linear_reset(&pair->linear);
}

/* key of the sample, x (LINEAR_TERMS,): class 0 or 1. */
KERNEL uint8_t pair_answer(const pair_model *pair, uint8_t key, const int8_t *x) {
    rule found = rules_find(&pair->rules, key);
    if (RULE_CONFIDENCE(found) >= PAIR_SURE) {
        return RULE_ANSWER(found);
    }
    return linear_score(&pair->linear, x) >= 0;
}

KERNEL void pair_learn(pair_model *pair, uint8_t key, const int8_t *x, uint8_t label) {
    if (RULE_CONFIDENCE(rules_find(&pair->rules, key)) < PAIR_SURE) {
        linear_learn(&pair->linear, x, label);
    }
    rules_learn(&pair->rules, key, label);
}

#endif
