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

typedef struct {
    uint8_t answer : 6;
    uint8_t confidence : 2; /* 0: a free place, or no rule */
} rule;

typedef struct {
    struct {
        uint8_t key;
        rule rule;
    } place[RULES];
} rule_table;

_Static_assert(sizeof(rule) == 1, "a rule must take one byte beside its key");
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
        uint8_t confidence = table->place[i].rule.confidence;
        if (table->place[i].key == key && confidence != 0) {
            return i;
        }
        if (confidence < table->place[least].rule.confidence) {
            least = i;
        }
    }
    return least;
}

/* The rule for a key; confidence 0: none. */
KERNEL rule rules_find(const rule_table *table, uint8_t key) {
    uint8_t i = rules_place(table, key);
    return table->place[i].key == key ? table->place[i].rule : (rule){0};
}

/* label 0..63. */
KERNEL void rules_learn(rule_table *table, uint8_t key, uint8_t label) {
    uint8_t i = rules_place(table, key);
    rule found = table->place[i].rule;
    if (table->place[i].key == key && found.answer == label) {
        if (found.confidence < RULES_CONFIDENCE_MAX) {
            found.confidence++;
        }
    } else if (found.confidence > 1) {
        found.confidence--;
    } else {
        table->place[i].key = key;
        found = (rule){.answer = label & 63, .confidence = 1};
    }
    table->place[i].rule = found;
}

#endif
