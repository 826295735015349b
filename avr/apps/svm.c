/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A support vector machine of two classes that learns one sample at a time: the kernel adatron,
 * with room for VECTORS samples.
 *
 *   x (FEATURES,)  what the FRONT_END makes of a sample
 *   kernel(a, b)   2^(-|a - b|^2 / 2^(KERNEL_SHIFT + 4)), 255 is one
 *   f(x)           sum over j of weight[j] * kernel(vector[j], x); above 0 is class 1
 *   weight[x]      += (MARGIN - y * f(x)) / 2^STEP, held in 0..127; y -1 or 1
 *
 * A weight carries the sign of its class; a sample whose weight falls to 0 gives up its place. A
 * new one that misses the margin takes the place of the least weight, if its own will be larger. So
 * long as there is room this is ascent on the dual of the soft-margin SVM without a bias, C
 * = 127 / MARGIN: it has one optimum, which first weights, order and rounding noise cannot change.
 *
 * Sources: Friess, Cristianini, Campbell, The kernel-adatron algorithm, ICML (1998); Crammer,
 * Kandola, Singer, Online classification on a budget, NeurIPS (2003).
 */
#include "apps/learner.h"

#include <string.h>

#include FRONT_END // cppcheck-suppress preprocessorErrorDirective
#include "fixed/exponential.h"
#include "fixed/saturate.h"

#define KERNEL_ONE 255
#define WEIGHT_MAX INT8_MAX
#define SCORE_SHIFT 5 /* of f, in an answer's margin */

typedef struct {
    uint8_t feature[FEATURES];
    int8_t weight; /* above 0 of class 1, below 0 of class 0; 0: the place is free */
} support_vector;

typedef struct {
    support_vector vector[VECTORS];
} network;

network net;

static uint8_t step;

_Static_assert(LEARNER_CLASSES == 2, "a weight's sign is its class");
_Static_assert((long)VECTORS *WEIGHT_MAX *KERNEL_ONE >> SCORE_SHIFT <= INT16_MAX,
               "a margin must fit 16 bits");

void learner_set_rate(uint8_t shift) {
    step = (uint8_t)(STEP + shift);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    (void)seed;
    for (uint8_t j = 0; j < VECTORS; j++) {
        net.vector[j].weight = 0;
    }
    learner_set_rate(0);
}

/* a, b (FEATURES,) -> Q8. */
static uint8_t kernel(const uint8_t *a, const uint8_t *b) {
    uint32_t distance = 0;
    for (uint8_t left = FEATURES; left != 0; left--, a++, b++) {
        uint8_t apart = *a > *b ? (uint8_t)(*a - *b) : (uint8_t)(*b - *a);
        distance += (uint16_t)(apart * (uint16_t)apart);
    }
    distance >>= KERNEL_SHIFT;
    return distance > UINT8_MAX ? 0 : exp2_falling((uint8_t)distance);
}

/* f(x), a weight is one in 255. */
static __attribute__((noinline)) int32_t score_of(const uint8_t *x) {
    int32_t score = 0;
    for (const support_vector *v = net.vector; v != net.vector + VECTORS; v++) {
        if (v->weight != 0) {
            score += (int16_t)(v->weight * (int16_t)kernel(v->feature, x));
        }
    }
    return score;
}

static uint8_t magnitude(int8_t weight) {
    return (uint8_t)(weight < 0 ? -weight : weight);
}

/* The vector that is x with this class, or none. */
static support_vector *kept(const uint8_t *x, int8_t sign) {
    for (support_vector *v = net.vector; v != net.vector + VECTORS; v++) {
        if ((v->weight < 0) == (sign < 0) && v->weight != 0 &&
            memcmp(v->feature, x, FEATURES) == 0) {
            return v;
        }
    }
    return NULL;
}

/* A free place, or the one that will be missed least. */
static support_vector *weakest(void) {
    support_vector *least = net.vector;
    for (support_vector *v = net.vector + 1; v != net.vector + VECTORS; v++) {
        if (magnitude(v->weight) < magnitude(least->weight)) {
            least = v;
        }
    }
    return least;
}

/* y f(x) is to be MARGIN: x's weight rises while it is less, and falls while it is more. */
static __attribute__((noinline)) void learn(const uint8_t *x, int8_t sign, int32_t score) {
    int32_t missing = (int32_t)MARGIN * KERNEL_ONE - (sign < 0 ? -score : score);
    int16_t change = (int16_t)(missing >> (8 + step));
    support_vector *v = kept(x, sign);
    if (v == NULL) {
        v = weakest();
        if (change <= (int16_t)magnitude(v->weight)) {
            return;
        }
        memcpy(v->feature, x, FEATURES);
        v->weight = 0;
    }
    int16_t weight = (int16_t)(magnitude(v->weight) + change);
    v->weight = (int8_t)(sign * saturate_u8(weight, WEIGHT_MAX));
}

/* The margin of the class with this sign. */
static learner_answer answer_of(int32_t score, int8_t sign) {
    int16_t margin = (int16_t)(score >> SCORE_SHIFT);
    return (learner_answer){.prediction = score > 0, .margin = (int16_t)(sign * margin)};
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    int32_t score = score_of(features_of(sample));
    return answer_of(score, score > 0 ? 1 : -1);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    const uint8_t *x = features_of(sample);
    int8_t sign = label != 0 ? 1 : -1;
    int32_t score = score_of(x);
    learn(x, sign, score);
    return answer_of(score, sign);
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
