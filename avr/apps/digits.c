/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns the 8 x 8 digits on the chip.
 *
 *   sample (64,) -> convolution 4 x 4 at the four quarters, 10 channels -> rectifier (40,)
 *          -> dense (10,) -> margin loss; 8-bit weights, stochastic rounding
 *
 * After each answer a step is taken only where the margin is missing. Sizes, step sizes and margin
 * stand in the config; why they are so, in docs/digits-tuning.md.
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include "net/columns.h"
#include "net/convolution.h"
#include "net/dense.h"
#include "net/loss.h"

#define HIDDEN (COLUMNS * PLACES)
typedef struct {
    struct {
        int8_t weight[KERNEL_SIDE * KERNEL_SIDE + PLACES][COLUMNS]; /* Q6 kernels, 4 biases */
    } hidden;
    struct {
        int8_t weight[HIDDEN + 1][COLUMNS]; /* Q6, the last ones the biases */
    } output;
} network;

network net;

static uint8_t hidden[HIDDEN + 1]; /* activations of the last sample, Q3; the last is HIDDEN_ONE */
static uint16_t noise;
static step_size hidden_step, output_step;
CHECKPOINTED(net, &noise)

#define WEIGHT_LIMIT CONVOLUTION_LIMIT(KERNEL_SIDE, LEARNER_INPUT_MAX)

_Static_assert(LEARNER_CLASSES == COLUMNS, "a class for each column");
_Static_assert((KERNEL_SIDE + STRIDE) * (KERNEL_SIDE + STRIDE) == LEARNER_INPUTS,
               "the four windows must cover the image");
_Static_assert(LEARNER_INPUT_MAX < 1 << LEARNER_INPUT_BITS, "an input must fit its bits");
_Static_assert(HIDDEN_MAX < 1 << HIDDEN_BITS && HIDDEN_ONE <= HIDDEN_MAX,
               "an activation must fit its bits");
_Static_assert((KERNEL_SIDE * KERNEL_SIDE + 1L) * WEIGHT_LIMIT * LEARNER_INPUT_MAX <= INT16_MAX,
               "a window of full-scale products must fit 16 bits");
_Static_assert((HIDDEN_MAX + 1L) << HIDDEN_SHIFT <= INT16_MAX,
               "the rectifier's ceiling must lie within its sum");
_Static_assert(DENSE_FITS(HIDDEN + 1, HIDDEN_MAX, SCORE_SHIFT),
               "a difference of scores must fit 16 bits");

_Static_assert(PLACES * 128L * LEARNER_INPUT_MAX + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "a kernel's gradient and its noise must fit 16 bits");
_Static_assert(HIDDEN_MAX * 256L + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "an activation as a gradient and its noise must fit 16 bits");
_Static_assert(HIDDEN_STEP >= 8 && OUTPUT_STEP >= 8, "a step starts at a shift of 8");

void learner_set_rate(uint8_t shift) {
    hidden_step = step_size_of(HIDDEN_STEP, shift);
    output_step = step_size_of(OUTPUT_STEP, shift);
}

/* weight (inputs, COLUMNS), column by column. */
static void start_weights(int8_t *weight, uint8_t inputs, uint8_t half) {
    for (uint8_t c = 0; c < COLUMNS; c++) {
        int8_t *column = weight++;
        for (uint8_t left = inputs; left != 0; left--) {
            *column = start_weight(half, &noise);
            column += COLUMNS;
        }
    }
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    noise = noise_start(seed);
    start_weights(net.hidden.weight[0], KERNEL_SIDE * KERNEL_SIDE + PLACES, HIDDEN_START);
    start_weights(net.output.weight[0], HIDDEN + 1, OUTPUT_START);
    learner_set_rate(0);
}

/* sample (64,) -> hidden (41,). */
static __attribute__((noinline)) void forward_hidden(const uint8_t *sample) {
    convolution_forward(hidden, net.hidden.weight[0], sample, KERNEL_SIDE, STRIDE,
                        LEARNER_INPUT_MAX, LEARNER_INPUT_BITS, HIDDEN_SHIFT, HIDDEN_MAX);
    hidden[HIDDEN] = HIDDEN_ONE;
}

/* hidden (41,) -> the two best classes. */
static __attribute__((noinline)) void forward_output(ranking *rank, uint8_t label) {
    int16_t scores[LEARNER_CLASSES];
    columns_score(scores, net.output.weight[0], hidden, HIDDEN + 1, SCORE_SHIFT, HIDDEN_BITS);
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        ranking_add(rank, k, scores[k], label);
    }
}

/* One step down the gradient of the margin loss, for the sample that `hidden` was computed from.
 * label, rival: columns of the output's weights. */
static __attribute__((noinline)) void backward(const uint8_t *sample, int8_t *label,
                                               int8_t *rival) {
    const int8_t *up = label, *down = rival;
    uint8_t j = 0;
    for (uint8_t c = 0; c < COLUMNS; c++) {
        int8_t delta[PLACES];
        uint8_t any = 0;
        for (uint8_t p = 0; p < PLACES; p++, j++, up += COLUMNS, down += COLUMNS) {
            delta[p] = rectify_slope(hidden[j], HIDDEN_MAX) ? margin_delta(*up, *down) : 0;
            any |= (uint8_t)delta[p];
        }
        if (any) {
            convolution_backward(&net.hidden.weight[0][c], sample, delta, KERNEL_SIDE, STRIDE,
                                 LEARNER_INPUT_MAX, LEARNER_INPUT_BITS, &hidden_step, &noise,
                                 WEIGHT_LIMIT);
        }
    }
    columns_margin_step(label, rival, hidden, HIDDEN + 1, &output_step, &noise, WEIGHT_LIMIT);
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    forward_hidden(sample);
    ranking rank;
    forward_output(&rank, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    forward_hidden(sample);
    ranking rank;
    forward_output(&rank, label);
    learner_answer answer = answer_to(&rank, label);
    if (answer.margin < MARGIN) {
        int8_t *columns = net.output.weight[0];
        backward(sample, columns + label, columns + ranking_rival(&rank, label));
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
           at_limit_i8(&net.output.weight[0][0], sizeof net.output, WEIGHT_LIMIT);
}
