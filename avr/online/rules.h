/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of rules "where the key is K, the answer is A", each with a confidence 1..3.
 *
 *   a rule that agrees with the label gains 1, one that does not loses 1;
 *   a rule that would lose its last takes the label for its answer;
 *   a label without a rule takes a free place, or that of the least sure rule if its confidence is
 *   1, or takes 1 from that
 *
 * so that a single wrong label does not overturn what several have said.
 * A key is made of the inputs' levels, 2 bits each. The config states RULES, the places, and
 * RULES_LEVEL(value), the level 0..3 of an input.
 */
#ifndef ONLINE_RULES_H
#define ONLINE_RULES_H

#include <stdint.h>

#include "fixed/kernel.h"

#define RULES_CONFIDENCE_MAX 3

/* An answer and, in the two highest bits, its confidence; 0: a free place, or no rule. */
typedef uint8_t rule;

#define RULE(answer, confidence) ((rule)((answer) | (confidence) << 6))
#define RULE_ANSWER(rule) ((uint8_t)((rule)&63))
#define RULE_CONFIDENCE(rule) ((uint8_t)((rule) >> 6))

typedef struct {
    struct {
        uint8_t key;
        rule rule;
    } place[RULES];
} rule_table;

_Static_assert(RULES >= 1 && RULES <= 255, "a place must fit a byte");

KERNEL void rules_reset(rule_table *table) {
    *table = (rule_table){0};
}

/* The key of values (count,), count 1..4. */
KERNEL uint8_t rules_key(const uint8_t *value, uint8_t count) {
    uint8_t key = 0;
    do {
        uint8_t level = RULES_LEVEL(*value);
        key = (uint8_t)(key << 2 | level);
        value++;
    } while (--count != 0);
    return key;
}

/* The place of the rule for a key; where there is none, the first free or least sure. */
KERNEL uint8_t rules_place(const rule_table *table, uint8_t key) {
    uint8_t least = 0;
    for (uint8_t i = 0; i < RULES; i++) {
        uint8_t confidence = RULE_CONFIDENCE(table->place[i].rule);
        if (table->place[i].key == key && confidence != 0) {
            return i;
        }
        if (confidence < RULE_CONFIDENCE(table->place[least].rule)) {
            least = i;
        }
    }
    return least;
}

/* The rule for a key; confidence 0: none. */
KERNEL rule rules_find(const rule_table *table, uint8_t key) {
    uint8_t i = rules_place(table, key);
    return table->place[i].key == key ? table->place[i].rule : 0;
}

/* label 0..63. */
KERNEL void rules_learn(rule_table *table, uint8_t key, uint8_t label) {
    uint8_t i = rules_place(table, key);
    rule found = table->place[i].rule;
    uint8_t confidence = RULE_CONFIDENCE(found);
    if (table->place[i].key == key && RULE_ANSWER(found) == label) {
        if (confidence < RULES_CONFIDENCE_MAX) {
            found = RULE(label, confidence + 1);
        }
    } else if (confidence > 1) {
        found = RULE(RULE_ANSWER(found), confidence - 1);
    } else {
        table->place[i].key = key;
        found = RULE(label, 1);
    }
    table->place[i].rule = found;
}

#endif
