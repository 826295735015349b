/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns the classes of two voltages by rules over coarse cells and a line where none is sure. */
#include "apps/stream.h"

#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective

#define LINEAR_INPUTS 2
#include "online/pair.h"

pair_model net;

static int8_t x[LINEAR_TERMS];

int main(void) {
    stream_start();
    pair_reset(&net);
    x[LINEAR_INPUTS] = AFFINE_ONE;
    for (;;) {
        uint8_t value[2] = {stream_input(0), stream_input(1)};
        uint8_t key = rules_key(value, 2);
        x[0] = affine_input(value[0]);
        x[1] = affine_input(value[1]);
        uint8_t label = stream_label();
        uint8_t answer = pair_answer(&net, key, x);
        if (label < 2) {
            pair_learn(&net, key, x, label);
        }
        stream_answer(answer, label);
    }
}
