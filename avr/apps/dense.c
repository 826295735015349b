/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a small table of measurements on the chip: one hidden layer.
 *
 *   sample (inputs,) -> dense -> rectifier (hidden,) -> dense (classes,) -> margin loss
 *
 * 8-bit weights, stochastic rounding. The config names the data set and states the sizes.
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include "net/activation.h"
#include "net/dense.h"
#include "net/loss.h"
#include "net/sgd.h"

typedef struct {
    struct {
        int8_t weight[HIDDEN][LEARNER_INPUTS + 1]; /* each row's last one is its bias */
    } hidden;
    struct {
        int8_t weight[LEARNER_CLASSES][HIDDEN + 1];
    } output;
} network;

network net;

static uint8_t hidden[HIDDEN + 1]; /* activations of the last sample; the last is HIDDEN_ONE */
static uint16_t noise;
static step_size hidden_step, output_step;
CHECKPOINTED(net, &noise)

#define HIDDEN_LIMIT DENSE_LIMIT(LEARNER_INPUTS, LEARNER_INPUT_MAX)

_Static_assert(LEARNER_INPUT_MAX < 1 << LEARNER_INPUT_BITS, "an input must fit its bits");
_Static_assert(HIDDEN_MAX < 1 << HIDDEN_BITS && HIDDEN_ONE <= HIDDEN_MAX,
               "an activation must fit its bits");
_Static_assert((LEARNER_INPUTS + 1L) * HIDDEN_LIMIT * LEARNER_INPUT_MAX <= INT16_MAX,
               "a row of full-scale products must fit 16 bits");
_Static_assert((HIDDEN_MAX + 1L) << HIDDEN_SHIFT <= INT16_MAX,
               "the rectifier's ceiling must lie within its sum");
_Static_assert(DENSE_FITS(HIDDEN + 1, HIDDEN_MAX, SCORE_SHIFT),
               "a difference of scores must fit 16 bits");
_Static_assert(128L * LEARNER_INPUT_MAX + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "a gradient and its noise must fit 16 bits");
_Static_assert(HIDDEN_MAX * 256L + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "an activation as a gradient and its noise must fit 16 bits");
_Static_assert(HIDDEN_STEP >= 8 && OUTPUT_STEP >= 8, "a step starts at a shift of 8");

void learner_set_rate(uint8_t shift) {
    hidden_step = step_size_of(HIDDEN_STEP, shift);
    output_step = step_size_of(OUTPUT_STEP, shift);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    int8_t *weight = (int8_t *)&net;
    noise = noise_start(seed);
    for (uint16_t count = sizeof net; count != 0; count--) {
        *weight++ = start_weight(START, &noise);
    }
    learner_set_rate(0);
}

/* sample (inputs,) -> hidden (HIDDEN + 1,). */
static __attribute__((noinline)) void forward_hidden(const uint8_t *sample) {
    for (uint8_t j = 0; j < HIDDEN; j++) {
        int16_t sum = dense_sum(net.hidden.weight[j], sample, LEARNER_INPUTS, LEARNER_INPUT_MAX,
                                LEARNER_INPUT_BITS);
        hidden[j] = rectify(sum, HIDDEN_SHIFT, HIDDEN_MAX);
    }
    hidden[HIDDEN] = HIDDEN_ONE;
}

/* hidden (HIDDEN + 1,) -> the two best classes. */
static __attribute__((noinline)) void forward_output(ranking *rank, uint8_t label) {
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        int16_t score = dense_score(net.output.weight[k], hidden, HIDDEN + 1, HIDDEN_BITS,
                                    DOT_CHUNK(HIDDEN_MAX), SCORE_SHIFT);
        ranking_add(rank, k, score, label);
    }
}

/* One step down the gradient of the margin loss, for the sample that `hidden` was computed from. */
static __attribute__((noinline)) void backward(const uint8_t *sample, int8_t *label,
                                               int8_t *rival) {
    for (uint8_t j = 0; j < HIDDEN; j++) {
        if (rectify_slope(hidden[j], HIDDEN_MAX)) {
            dense_backward(net.hidden.weight[j], sample, LEARNER_INPUTS, LEARNER_INPUT_MAX,
                           margin_delta(label[j], rival[j]), &hidden_step, &noise, HIDDEN_LIMIT);
        }
    }
    margin_step(label, rival, hidden, HIDDEN + 1, &output_step, &noise, INT8_MAX);
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    ranking rank;
    forward_hidden(sample);
    forward_output(&rank, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    ranking rank;
    forward_hidden(sample);
    forward_output(&rank, label);
    learner_answer answer = answer_to(&rank, label);
    if (answer.margin < MARGIN) {
        backward(sample, net.output.weight[label], net.output.weight[ranking_rival(&rank, label)]);
    }
    return answer;
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}

uint16_t learner_weights_at_limit(void) {
    return at_limit_i8(&net.hidden.weight[0][0], sizeof net.hidden, HIDDEN_LIMIT) +
           at_limit_i8(&net.output.weight[0][0], sizeof net.output, INT8_MAX);
}
