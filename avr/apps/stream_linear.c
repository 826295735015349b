/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a line between two voltages' classes; the config chooses the rule. */
#include "apps/stream.h"

#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective

#define LINEAR_INPUTS 2
#include LINEAR_RULE // cppcheck-suppress preprocessorErrorDirective

linear_model net;

static int8_t x[LINEAR_TERMS];

int main(void) {
    stream_start();
    linear_reset(&net);
    x[LINEAR_INPUTS] = AFFINE_ONE;
    for (;;) {
        x[0] = affine_input(stream_input(0));
        x[1] = affine_input(stream_input(1));
        uint8_t label = stream_label();
        uint8_t answer = linear_score(&net, x) >= 0;
        if (label < 2) {
            linear_learn(&net, x, label);
        }
        stream_answer(answer, label);
    }
}
