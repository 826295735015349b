/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/codec_digits_net.h"

#include "codec/rows.h"
#include "fixed/saturate.h"

#ifdef APP_CONFIG
#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective
#else
/* cppcheck-suppress preprocessorErrorDirective */
#error "codec_digits has no config of its own: kilolearn bench codecs writes them"
#endif

/* NAME(HIDDEN, row) is ternary_row where the config says HIDDEN_CODEC ternary. */
#define JOIN(codec, name) codec##_##name
#define EXPANDED(codec, name) JOIN(codec, name)
#define CODEC(layer, name) EXPANDED(layer##_CODEC, name)

_Static_assert(DIGITS_HIDDEN_MAX < 1 << CODEC_INPUT_BITS, "an activation must fit its bits");
_Static_assert(HIDDEN_SUM_MAX <= INT16_MAX && OUTPUT_SUM_MAX <= INT16_MAX,
               "no image may make a sum leave 16 bits");

#define NOINIT __attribute__((section(".noinit")))

NOINIT uint8_t sample[DIGITS_INPUTS];
NOINIT int16_t score[DIGITS_CLASSES];
NOINIT uint8_t prediction;

static NOINIT uint8_t hidden[DIGITS_HIDDEN];

static __attribute__((noinline)) void forward_hidden(void) {
    CODEC(HIDDEN, rows) rows;
    CODEC(HIDDEN, open)(&rows, hidden_bytes, sample, DIGITS_INPUTS);
    for (uint8_t j = 0; j < DIGITS_HIDDEN; j++) {
        int16_t sum = (int16_t)(CODEC(HIDDEN, row)(&rows) + hidden_bias[j]);
        hidden[j] = saturate_u8(sum >> HIDDEN_SHIFT, DIGITS_HIDDEN_MAX);
    }
}

static __attribute__((noinline)) void forward_output(void) {
    CODEC(OUTPUT, rows) rows;
    CODEC(OUTPUT, open)(&rows, output_bytes, hidden, DIGITS_HIDDEN);
    prediction = 0;
    for (uint8_t k = 0; k < DIGITS_CLASSES; k++) {
        score[k] = (int16_t)(CODEC(OUTPUT, row)(&rows) + output_bias[k]);
        if (score[k] > score[prediction]) {
            prediction = k;
        }
    }
}

__attribute__((noinline)) void codec_digits_infer(void) {
    forward_hidden();
    forward_output();
}
