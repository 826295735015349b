/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns the 8 x 8 digits on a chip with 512 bytes of SRAM.
 *
 *   sample (64,), two pixels a byte
 *      -> convolution 5 x 5 at 16 windows, 5 channels -> the largest of each quarter's 2 x 2
 * windows
 *      -> rectifier (20,) -> dense (10,) -> margin loss; 8-bit weights, stochastic rounding
 *
 * A quarter's gradient goes to the window that was largest (the peak). Sizes, step sizes and margin
 * stand in the config; why they are so, in docs/digits-tuning.md.
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include "net/activation.h"
#include "net/dense.h"
#include "net/loss.h"
#include "net/pooling.h"
#include "net/sgd.h"

#define HIDDEN (CHANNELS * QUARTERS)
typedef struct {
    struct {
        int8_t weight[CHANNELS][KERNEL_SIDE * KERNEL_SIDE + QUARTERS]; /* a kernel, 4 biases */
    } hidden;
    struct {
        int8_t weight[LEARNER_CLASSES][HIDDEN + 1]; /* each row's last one is its bias */
    } output;
} network;

network net;

static uint8_t hidden[HIDDEN + 1]; /* activations of the last sample; the last is HIDDEN_ONE */
static uint8_t peaks[CHANNELS];    /* its peaks, 2 bits a quarter */
static uint16_t noise;
static uint8_t rate;
CHECKPOINTED(net, &noise)

#define WEIGHT_LIMIT POOLING_LIMIT(KERNEL_SIDE, LEARNER_INPUT_MAX)

_Static_assert(KERNEL_SIDE == POOLING_KERNEL && LEARNER_INPUTS == POOLING_SIDE * POOLING_SIDE,
               "16 windows must cover the image");
_Static_assert(LEARNER_INPUT_MAX == 15 && LEARNER_INPUTS_A_BYTE == 2, "two pixels share a byte");
_Static_assert(HIDDEN_MAX < 1 << HIDDEN_BITS && HIDDEN_ONE <= HIDDEN_MAX,
               "an activation must fit its bits");
_Static_assert((KERNEL_SIDE * KERNEL_SIDE + 1L) * WEIGHT_LIMIT * LEARNER_INPUT_MAX <= INT16_MAX,
               "a window of full-scale products must fit 16 bits");
_Static_assert((HIDDEN_MAX + 1L) << HIDDEN_SHIFT <= INT16_MAX,
               "the rectifier's ceiling must lie within its sum");
_Static_assert(DENSE_FITS(HIDDEN + 1, HIDDEN_MAX, SCORE_SHIFT),
               "a difference of scores must fit 16 bits");
_Static_assert(QUARTERS * 128L * LEARNER_INPUT_MAX + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "a kernel's gradient and its noise must fit 16 bits");
_Static_assert(HIDDEN_MAX * 256L + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "an activation as a gradient and its noise must fit 16 bits");
_Static_assert(HIDDEN_STEP >= 8 && OUTPUT_STEP >= 8, "a step starts at a shift of 8");

void learner_set_rate(uint8_t shift) {
    rate = shift;
}

static void start_weights(int8_t *weight, uint16_t count, uint8_t half) {
    for (; count != 0; count--) {
        *weight++ = start_weight(half, &noise);
    }
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    noise = noise_start(seed);
    start_weights(&net.hidden.weight[0][0], sizeof net.hidden.weight, HIDDEN_START);
    start_weights(&net.output.weight[0][0], sizeof net.output.weight, OUTPUT_START);
    learner_set_rate(0);
}

/* sample (32 bytes) -> hidden (21,), peaks (5,). */
static __attribute__((noinline)) void forward_hidden(const uint8_t *sample) {
    uint8_t *out = hidden;
    for (uint8_t c = 0; c < CHANNELS; c++) {
        const int8_t *weight = net.hidden.weight[c];
        uint8_t found = 0;
        for (uint8_t q = QUARTERS; q-- != 0;) {
            pooling_peak peak = pooling_forward(weight, sample, q);
            int16_t bias = (int16_t)(weight[KERNEL_SIDE * KERNEL_SIDE + q] * LEARNER_INPUT_MAX);
            out[q] = rectify((int16_t)(peak.sum + bias), HIDDEN_SHIFT, HIDDEN_MAX);
            found = (uint8_t)(found << 2 | peak.window);
        }
        peaks[c] = found;
        out += QUARTERS;
    }
    *out = HIDDEN_ONE;
}

/* hidden (21,) -> the two best classes. */
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
    step_size step = step_size_of(HIDDEN_STEP, rate);
    uint8_t j = 0;
    for (uint8_t c = 0; c < CHANNELS; c++) {
        int8_t delta[QUARTERS];
        for (uint8_t q = 0; q < QUARTERS; q++, j++) {
            delta[q] = rectify_slope(hidden[j], HIDDEN_MAX) ? margin_delta(label[j], rival[j]) : 0;
        }
        pooling_backward(net.hidden.weight[c], sample, delta, peaks[c], LEARNER_INPUT_MAX, &step,
                         &noise, WEIGHT_LIMIT);
    }
    step = step_size_of(OUTPUT_STEP, rate);
    margin_step(label, rival, hidden, HIDDEN + 1, &step, &noise, INT8_MAX);
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
    return at_limit_i8(&net.hidden.weight[0][0], sizeof net.hidden, WEIGHT_LIMIT) +
           at_limit_i8(&net.output.weight[0][0], sizeof net.output, INT8_MAX);
}
