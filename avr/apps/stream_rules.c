/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns which of three actions belongs to each pair of levels of two voltages. */
#include "apps/stream.h"

#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective

#include "online/rules.h"

rule_table net;

int main(void) {
    stream_start();
    rules_reset(&net);
    for (;;) {
        uint8_t value[2] = {stream_input(0), stream_input(1)};
        uint8_t key = rules_key(value, 2);
        uint8_t label = stream_label();
        uint8_t answer = RULE_ANSWER(rules_find(&net, key));
        if (label < STREAM_NO_LABEL) {
            rules_learn(&net, key, label);
        }
        stream_answer(answer, label);
    }
}
