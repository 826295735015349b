/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns classes that come one after another: a linear layer and a replay buffer.
 *
 *   sample (inputs,) -> dense (classes,) -> margin loss;  8-bit weights, stochastic rounding
 *
 * After a step on the new sample come REPLAYS steps on samples out of the buffer, and then the new
 * one may take a slot in it (online/replay.h). SLOTS 0 is the same learner without a buffer.
 */
#include "apps/learner.h"
#include "apps/ranked.h"

#include <string.h>

#include "net/dense.h"
#include "net/loss.h"
#include "online/replay.h"

#define RESERVOIR 0
#define BALANCED 1

#define VALUES (LEARNER_INPUTS + 1)
#define SLOT_BYTES REPLAY_BYTES(LEARNER_INPUTS, NIBBLES)

typedef struct {
    struct {
        int8_t weight[LEARNER_CLASSES][VALUES]; /* each row's last one is its bias */
    } output;
} network;

network net;

#if SLOTS > 0
/* What has been kept: state of the training, no part of the model. */
static struct {
    uint8_t held;
    uint8_t label[SLOTS];
    uint8_t sample[SLOTS][SLOT_BYTES];
    uint16_t offered[KEEP == BALANCED ? LEARNER_CLASSES : 1];
} buffer;
#endif

static uint8_t input[VALUES]; /* the sample of the step, and a 1 for the bias */
static uint16_t noise;
static step_size step;

_Static_assert(LEARNER_INPUT_MAX < 1 << LEARNER_INPUT_BITS && LEARNER_INPUT_BITS >= 4,
               "an input must fit its bits");
_Static_assert(DENSE_FITS(VALUES, LEARNER_INPUT_MAX, SCORE_SHIFT),
               "a difference of scores must fit 16 bits");
_Static_assert(LEARNER_INPUT_MAX * 256L + (1L << STEP_SHIFT_MAX) <= INT16_MAX,
               "an input as a gradient and its noise must fit 16 bits");
_Static_assert(STEP >= 8, "a step starts at a shift of 8");
_Static_assert(SLOTS < REPLAY_NONE, "a slot is a byte");

void learner_set_rate(uint8_t shift) {
    step = step_size_of(STEP, shift);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    memset(&net, 0, sizeof net);
#if SLOTS > 0
    memset(&buffer, 0, sizeof buffer);
#endif
    noise = noise_start(seed);
    learner_set_rate(0);
}

/* input (VALUES,) -> the two best classes. */
static __attribute__((noinline)) void forward(ranking *rank, uint8_t label) {
    input[LEARNER_INPUTS] = LEARNER_INPUT_MAX;
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        int16_t score = dense_score(net.output.weight[k], input, VALUES, LEARNER_INPUT_BITS,
                                    DOT_CHUNK(LEARNER_INPUT_MAX), SCORE_SHIFT);
        ranking_add(rank, k, score, label);
    }
}

/* One step on `input`; the answer is the one before it. */
static __attribute__((noinline)) learner_answer learn(uint8_t label) {
    ranking rank;
    forward(&rank, label);
    learner_answer answer = answer_to(&rank, label);
    if (answer.margin < MARGIN) {
        margin_step(net.output.weight[label], net.output.weight[ranking_rival(&rank, label)], input,
                    VALUES, &step, &noise, INT8_MAX);
    }
    return answer;
}

#if SLOTS > 0
static __attribute__((noinline)) void rehearse(void) {
    for (uint8_t left = buffer.held == 0 ? 0 : REPLAYS; left != 0; left--) {
        uint8_t slot = (uint8_t)replay_draw(buffer.held, &noise);
        replay_unpack(input, buffer.sample[slot], LEARNER_INPUTS, LEARNER_INPUT_BITS, NIBBLES);
        learn(buffer.label[slot]);
    }
}

static __attribute__((noinline)) void keep(const uint8_t *sample, uint8_t label) {
    uint16_t *offered = &buffer.offered[KEEP == BALANCED ? label : 0];
    uint8_t slot = KEEP == BALANCED ? balanced_slot(buffer.label, buffer.held, SLOTS, label,
                                                    LEARNER_CLASSES, buffer.offered, &noise)
                                    : reservoir_slot(SLOTS, *offered, &noise);
    if (*offered != UINT16_MAX) {
        ++*offered;
    }
    if (slot != REPLAY_NONE) {
        replay_pack(buffer.sample[slot], sample, LEARNER_INPUTS, LEARNER_INPUT_BITS, NIBBLES);
        buffer.label[slot] = label;
        if (slot == buffer.held) {
            buffer.held++;
        }
    }
}
#endif

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    ranking rank;
    memcpy(input, sample, LEARNER_INPUTS);
    forward(&rank, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    memcpy(input, sample, LEARNER_INPUTS);
    learner_answer answer = learn(label);
#if SLOTS > 0
    rehearse();
    keep(sample, label);
#endif
    return answer;
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
