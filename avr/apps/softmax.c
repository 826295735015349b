/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a linear classifier on the chip, by the softmax or the margin loss.
 *
 *   sample (inputs,) -> front end -> features (FEATURES,) -> scores (classes,) -> LOSS
 *
 *   score[k]   = floor((sum over i of weight[k][i] * feature[i] + weight[k][FEATURES] *
 * FEATURE_MAX) / 2^SCORE_SHIFT), Q4 weight[k] <- weight[k] - delta[k] * feature / 2^STEP,
 * stochastically rounded
 *
 * Of two classes the first has the score 0 and no weights: the softmax is then the logistic
 * function, the margin loss the hinge. The config names the data set, the FRONT_END (a header of
 * online/ that gives features_of) and the LOSS: SOFTMAX, or a MARGIN above 0.
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include FRONT_END // cppcheck-suppress preprocessorErrorDirective
#include "fixed/dot.h"
#include "net/deltas.h"
#include "net/loss.h"
#include "net/sgd.h"

#define FIRST_ROW (LEARNER_CLASSES == 2)

typedef struct {
    int8_t weight[LEARNER_CLASSES - FIRST_ROW][FEATURES + 1]; /* each row's last one is its bias */
} network;

network net;

static uint16_t noise;
static step_size step;
CHECKPOINTED(net, &noise)

_Static_assert(FEATURE_MAX < 1 << FEATURE_BITS && FEATURES < 255, "a feature must fit its bits");
_Static_assert((FEATURES + 1) * 128L * FEATURE_MAX <= (long)SCORE_MAX << SCORE_SHIFT,
               "a difference of scores must fit 16 bits");
_Static_assert((long)DELTA_ONE *FEATURE_MAX + (1L << STEP_SHIFT_MAX) - 1 <= INT16_MAX,
               "a gradient and its noise must fit 16 bits");
_Static_assert(STEP >= 8, "a step starts at a shift of 8");

void learner_set_rate(uint8_t shift) {
    step = step_size_of(STEP, shift);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    noise = noise_start(seed);
    int8_t *weight = &net.weight[0][0];
    for (uint16_t left = sizeof net; left != 0; left--) {
        *weight++ = 0;
    }
    features_reset();
    learner_set_rate(0);
}

/* feature (FEATURES,) -> score (classes,) and the two best of them. */
static __attribute__((noinline)) void forward(const uint8_t *feature, int16_t *score, uint8_t label,
                                              ranking *rank) {
    ranking_start(rank);
    if (FIRST_ROW) {
        score[0] = 0;
        ranking_add(rank, 0, 0, label);
    }
    for (uint8_t k = FIRST_ROW; k < LEARNER_CLASSES; k++) {
        const int8_t *weight = net.weight[k - FIRST_ROW];
        int32_t sum = dot_i8(weight, feature, FEATURES, FEATURE_BITS, DOT_CHUNK(FEATURE_MAX));
        sum += (int16_t)(weight[FEATURES] * FEATURE_ONE);
        if (FEATURE_CENTRE) {
            int16_t all = 0;
            for (uint8_t i = 0; i < FEATURES; i++) {
                all = (int16_t)(all + weight[i]);
            }
            sum -= (int32_t)all * FEATURE_CENTRE;
        }
        score[k] = (int16_t)(sum >> SCORE_SHIFT);
        ranking_add(rank, k, score[k], label);
    }
}

/* One step down the gradient of a row: delta * feature. feature (FEATURES,), delta -256..256. */
static __attribute__((noinline)) void backward(int8_t *weight, const uint8_t *feature,
                                               int16_t delta) {
    for (uint8_t left = FEATURES; left != 0; left--) {
        sgd_i8(weight++, (int16_t)(delta * (*feature++ - FEATURE_CENTRE)), &step, &noise, INT8_MAX);
    }
    sgd_i8(weight, (int16_t)(delta * FEATURE_ONE), &step, &noise, INT8_MAX);
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    int16_t score[LEARNER_CLASSES];
    ranking rank;
    forward(features_of(sample), score, NO_LABEL, &rank);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    int16_t score[LEARNER_CLASSES];
    ranking rank;
    const uint8_t *feature = features_of(sample);
    forward(feature, score, label, &rank);
    learner_answer answer = answer_to(&rank, label);
#if MARGIN > 0
    margin_deltas(score, LEARNER_CLASSES, label, ranking_rival(&rank, label), MARGIN);
#else
    softmax_deltas(score, LEARNER_CLASSES, label, rank.best_score);
#endif
    for (uint8_t k = FIRST_ROW; k < LEARNER_CLASSES; k++) {
        if (score[k] != 0) {
            backward(net.weight[k - FIRST_ROW], feature, score[k]);
        }
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
    return at_limit_i8(&net.weight[0][0], sizeof net, INT8_MAX);
}
