/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a stream with many decision stumps, member m on feature m modulo inputs.
 *
 *   votes[k] = sum over members that say k of their weight;  answer = argmax over k
 *
 *   ALONE     only the member that was right most often has a word: the one stump to compare with
 *   MAJORITY  each word weighs the same
 *   BOOSTED   each word weighs as much as the member is worth, and each sample as much as the
 * members before could not do it (online/ensemble.h)
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include "net/loss.h"
#include "online/ensemble.h"
#include "online/stump.h"

#define ALONE 0
#define MAJORITY 1
#define BOOSTED 2

typedef struct {
    int16_t mean[MEMBERS][LEARNER_CLASSES]; /* Q8 */
    tally score[MEMBERS];
    uint8_t seen[(LEARNER_CLASSES + 1) / 2 * 2]; /* samples of each class, up to 2^STEP; an even
                                                    number, so that the host adds no padding */
} network;

network net;

static uint16_t noise;
static uint8_t slower; /* places that the host's schedule adds to STEP */
CHECKPOINTED(net, &noise)

_Static_assert(LEARNER_INPUT_MAX <= STUMP_INPUT_MAX, "a mean in Q8 must fit 16 bits");
_Static_assert(MEMBERS >= 1 && MEMBERS * 255L <= SCORE_MAX, "the votes must be scores");
_Static_assert(STEP <= 7, "2^STEP must fit a byte");

void learner_set_rate(uint8_t shift) {
    slower = shift > 15 - STEP ? 15 - STEP : shift;
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    noise = noise_start(seed);
    slower = 0;
    for (uint8_t m = 0; m < MEMBERS; m++) {
        tally_start(&net.score[m]);
        for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
            net.mean[m][k] = LEARNER_INPUT_MAX * 128;
        }
    }
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        net.seen[k] = 0;
    }
}

/* A class's first samples move its means by 1, 1/2, 1/2, 1/4 ... of the way, later ones by
 * 2^-(STEP + slower). */
static uint8_t step_of(uint8_t label) {
    uint8_t seen = net.seen[label];
    if (seen < 1 << STEP) {
        net.seen[label] = seen + 1;
        return (uint8_t)(log2_q8(seen + 1) >> 8);
    }
    return STEP + slower;
}

static void learn(uint8_t m, uint8_t x, uint8_t right, uint8_t label, uint8_t step,
                  int16_t *weight) {
    tally *score = &net.score[m];
    uint8_t times = 1;
    uint16_t weighs = SAMPLE_WEIGHT_ONE;
    if (COMBINE == BOOSTED) {
        weighs = exp2_q4(*weight);
        times = sample_times(weighs, &noise);
        *weight = sample_weight_after(*weight, score, right);
    }
    stump_update(&net.mean[m][label], x, step, times);
    tally_add(score, right, weighs);
}

/* All members answer; with a label each learns after its own word, which it so gave before. */
static __attribute__((noinline)) void walk(ranking *rank, const uint8_t *sample, uint8_t label) {
    int16_t votes[LEARNER_CLASSES] = {0};
    uint8_t step = label == NO_LABEL ? 0 : step_of(label);
    int16_t weight = 0;
    uint8_t most = 0;
    uint8_t i = 0;
    for (uint8_t m = 0; m < MEMBERS; m++) {
        uint8_t x = sample[i];
        uint8_t said = stump_answer(net.mean[m], LEARNER_CLASSES, x);
        uint8_t word = COMBINE == MAJORITY ? 1 : word_weight(&net.score[m], LEARNER_CLASSES);
        if (COMBINE != ALONE) {
            votes[said] += word;
        } else if (m == 0 || word > most) {
            for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
                votes[k] = k == said;
            }
            most = word;
        }
        if (label != NO_LABEL) {
            learn(m, x, said == label, label, step, &weight);
        }
        i = i + 1 == LEARNER_INPUTS ? 0 : i + 1;
    }
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        ranking_add(rank, k, votes[k], label);
    }
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    ranking rank;
    walk(&rank, sample, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    ranking rank;
    walk(&rank, sample, label);
    return answer_to(&rank, label);
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
