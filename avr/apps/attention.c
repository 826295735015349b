/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns what to say of what attention finds: one head over a short sequence, its projections fixed
 * in flash, and an output layer that is trained on the chip.
 *
 *   sample (inputs,) symbols -> attention (8,) -> dense (classes,) -> margin loss
 *
 * 8-bit weights, stochastic rounding. tools/fit_attention.py fits the projections of the config.
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include "net/attention.h"
#include "net/dense.h"
#include "net/loss.h"
#include "net/sgd.h"

#define SEEN (ATTENTION_WIDTH + 1)

typedef struct {
    struct {
        int8_t weight[LEARNER_CLASSES][SEEN]; /* each row's last one is its bias */
    } output;
} network;

network net;

static IN_FLASH attention_weights projections = {.query = QUERY, .key = KEY, .value = VALUE};
static uint8_t seen[SEEN]; /* of the last sample; the last is ATTENTION_ZERO */
static uint16_t noise;
static step_size step;
CHECKPOINTED(net, &noise)

_Static_assert(LEARNER_INPUTS <= 16 && LEARNER_INPUT_MAX == 15, "a short sequence of nibbles");
_Static_assert(DENSE_FITS(SEEN, (1 << ATTENTION_BITS) - 1, SCORE_SHIFT),
               "a difference of scores must fit 16 bits");
_Static_assert(((1 << ATTENTION_BITS) - 1) * 256L + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "an output as a gradient and its noise must fit 16 bits");

void learner_set_rate(uint8_t shift) {
    step = step_size_of(STEP, shift);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    int8_t *weight = (int8_t *)&net;
    noise = noise_start(seed);
    for (uint16_t count = sizeof net; count != 0; count--) {
        *weight++ = start_weight(START, &noise);
    }
    learner_set_rate(0);
}

/* sample (inputs,) -> seen (SEEN,) and the two best classes. */
static __attribute__((noinline)) void forward(const uint8_t *sample, ranking *rank, uint8_t label) {
    uint8_t p[LEARNER_INPUTS];
    int8_t query[ATTENTION_WIDTH];
    attention(seen, sample, LEARNER_INPUTS, ATTENTION_SHIFT, &projections, p, query);
    seen[ATTENTION_WIDTH] = ATTENTION_ZERO;
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        int16_t score = dense_score(net.output.weight[k], seen, SEEN, ATTENTION_BITS,
                                    DOT_CHUNK((1 << ATTENTION_BITS) - 1), SCORE_SHIFT);
        ranking_add(rank, k, score, label);
    }
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    ranking rank;
    forward(sample, &rank, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    ranking rank;
    forward(sample, &rank, label);
    learner_answer answer = answer_to(&rank, label);
    if (answer.margin < MARGIN) {
        margin_step(net.output.weight[label], net.output.weight[ranking_rival(&rank, label)], seen,
                    SEEN, &step, &noise, INT8_MAX);
    }
    return answer;
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
