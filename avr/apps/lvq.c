/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning vector quantisation: a few prototypes a class, the nearest one answers.
 *
 *   x (inputs,)   sample - CENTRE
 *   distance(p)   sum over i of (prototype[p][i] - x[i])^2
 *   score[k]      - floor(least distance of class k / 2^SCORE_SHIFT)
 *   loss          max(0, PULL * distance(own) - PUSH * distance(rival)) / 2, own and rival the
 *                 nearest prototypes of the label and of any other class
 *   step          own   -= PULL * (own - x) / 2^STEP, rival += PUSH * (rival - x) / 2^STEP,
 *                 stochastically rounded, while there is a loss
 *
 * PULL > PUSH asks for a margin that grows with the distances. The first samples of a class become
 * its prototypes. Sources: Kohonen, Improved versions of learning vector quantization, IJCNN
 * (1990); Sato, Yamada, Generalized learning vector quantization, NeurIPS (1995).
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include <stdbool.h>

#include "net/loss.h"
#include "net/sgd.h"

#define CENTRE (LEARNER_INPUT_MAX / 2 + 1)
#define FREE INT8_MIN /* as a first value: not a prototype yet. No step reaches it */
#define APART_MAX (INT8_MAX + 1 + CENTRE)

typedef struct {
    int8_t prototype[LEARNER_CLASSES][PROTOTYPES][LEARNER_INPUTS];
} network;

network net;

static uint16_t noise;
static step_size step;
CHECKPOINTED(net, &noise)

_Static_assert(LEARNER_INPUT_MAX <= 127, "a difference's square must fit 16 bits");
_Static_assert((long)LEARNER_INPUTS *APART_MAX *APART_MAX >> SCORE_SHIFT < SCORE_MAX,
               "a score must fit, and stay above that of a class without prototypes");
_Static_assert((long)PULL *APART_MAX + (1L << STEP_SHIFT_MAX) - 1 <= INT16_MAX && PUSH <= PULL,
               "a gradient and its noise must fit 16 bits");
_Static_assert(STEP >= 8, "a step starts at a shift of 8");

void learner_set_rate(uint8_t shift) {
    step = step_size_of(STEP, shift);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    noise = noise_start(seed);
    int8_t *value = &net.prototype[0][0][0];
    for (uint16_t left = sizeof net; left != 0; left--) {
        *value++ = FREE;
    }
    learner_set_rate(0);
}

static int16_t score_of(const int8_t *prototype, const uint8_t *sample) {
    if (*prototype == FREE) {
        return -SCORE_MAX;
    }
    uint32_t distance = 0;
    for (uint8_t left = LEARNER_INPUTS; left != 0; left--) {
        int16_t apart = (int16_t)(*prototype++ + CENTRE - *sample++);
        distance += (uint16_t)((uint16_t)apart * (uint16_t)apart);
    }
    return (int16_t) - (int16_t)(distance >> SCORE_SHIFT);
}

/* Each class's nearest prototype, (classes,), and the two best classes. */
static __attribute__((noinline)) void forward(const uint8_t *sample, int8_t **nearest,
                                              ranking *rank, uint8_t label) {
    int8_t *prototype = net.prototype[0][0];
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        int16_t best = -SCORE_MAX - 1;
        for (uint8_t left = PROTOTYPES; left != 0; left--) {
            int16_t score = score_of(prototype, sample);
            if (score > best) {
                best = score;
                nearest[k] = prototype;
            }
            prototype += LEARNER_INPUTS;
        }
        ranking_add(rank, k, best, label);
    }
}

/* prototype -= factor * (prototype - x) / 2^STEP. */
static __attribute__((noinline)) void move(int8_t *prototype, const uint8_t *sample,
                                           int8_t factor) {
    for (uint8_t left = LEARNER_INPUTS; left != 0; left--) {
        int16_t apart = (int16_t)(*prototype + CENTRE - *sample++);
        sgd_i8(prototype++, (int16_t)(factor * apart), &step, &noise, INT8_MAX);
    }
}

/* The sample becomes the class's next prototype, if one is free. */
static bool adopt(const uint8_t *sample, uint8_t label) {
    for (uint8_t p = 0; p < PROTOTYPES; p++) {
        int8_t *prototype = net.prototype[label][p];
        if (*prototype == FREE) {
            for (uint8_t left = LEARNER_INPUTS; left != 0; left--) {
                *prototype++ = (int8_t)(*sample++ - CENTRE);
            }
            return true;
        }
    }
    return false;
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    int8_t *nearest[LEARNER_CLASSES];
    ranking rank;
    forward(sample, nearest, &rank, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    int8_t *nearest[LEARNER_CLASSES];
    ranking rank;
    forward(sample, nearest, &rank, label);
    learner_answer answer = answer_to(&rank, label);
    int16_t rival_score = (int16_t)(rank.label_score - answer.margin);
    if (!adopt(sample, label) && (int32_t)PULL * rank.label_score < (int32_t)PUSH * rival_score) {
        move(nearest[label], sample, PULL);
        move(nearest[ranking_rival(&rank, label)], sample, -PUSH);
    }
    return answer;
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
