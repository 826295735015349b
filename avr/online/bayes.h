/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Gaussian posterior over the weights of a linear classifier some of whose labels are wrong, by
 * assumed-density filtering with a diagonal covariance. t = +1 for class 1, -1 for class 0; each
 * weight has a mean m[i] and a variance s[i], at first 0 and 1:
 *
 *   deviation = sqrt(sum over i of s[i] * x[i]^2)           of the score under the posterior
 *   z         = t * sum over i of m[i] * x[i] / deviation   how well the label was expected
 *   u[i]      = s[i] * x[i] / deviation
 *   m[i] <- m[i] + t * g(z) * u[i],  s[i] <- max(s[i] - h(z) * u[i]^2, BAYES_VARIANCE_MIN)
 *
 * For a label that is wrong with the probability e, g(z) = (1 - 2e) N(z) / (e + (1 - 2e) P(z)),
 * with the normal density N and distribution P, and h = g * (g + z). A surprise at z = -1 teaches
 * most; one far beyond is more likely a wrong label, and teaches nothing. For e = 0.1, g is within
 * 0.13 of
 *
 *   15/32 * (z + 3)  for -3 <= z <= -1,   5/16 * (2 - z)  for -1 <= z <= 2,   0 beyond
 *
 * and that is what is computed; a negative h counts as 0. Other shares of wrong labels are learnt
 * nearly as well. Nothing here is a step size: certainty takes its place.
 *
 * x: Q7. m: Q12. s: Q15. deviation: Q14. z: Q5. g, h: Q7. u: Q12.
 *
 * Source: M. Opper, O. Winther, A Bayesian approach to on-line learning, in: On-line Learning in
 * Neural Networks (1998); label noise as in T. Minka, Expectation propagation (2001), ch. 3.
 */
#ifndef ONLINE_BAYES_H
#define ONLINE_BAYES_H

#include "fixed/root.h"
#include "fixed/saturate.h"
#include "online/affine.h"

#define BAYES_VARIANCE_ONE 32768u
#define BAYES_VARIANCE_MIN 32
#define BAYES_Z_ONE 32

typedef struct {
    int16_t mean[LINEAR_TERMS];      /* Q12 */
    uint16_t variance[LINEAR_TERMS]; /* Q15 */
} linear_model;

_Static_assert(LINEAR_TERMS * 32768LL * 128 * 128 <= UINT32_MAX, "the spread must fit 32 bits");

KERNEL void linear_reset(linear_model *model) {
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        model->mean[i] = 0;
        model->variance[i] = BAYES_VARIANCE_ONE;
    }
}

/* Q19; class 1 where it is not negative. x (LINEAR_TERMS,). */
KERNEL int32_t linear_score(const linear_model *model, const int8_t *x) {
    return affine_product(model->mean, x);
}

/* Q14, at least 181 by the constant term alone; 1 where weights from elsewhere have no variance. */
KERNEL uint16_t bayes_deviation(const linear_model *model, const int8_t *x) {
    uint32_t spread = 0;
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        spread += (uint32_t)model->variance[i] * (uint16_t)(x[i] * x[i]);
    }
    return root_u32(spread >> 1) | 1;
}

KERNEL void linear_learn(linear_model *model, const int8_t *x, uint8_t label) {
    uint16_t deviation = bayes_deviation(model, x);
    int32_t score = linear_score(model, x) / deviation;
    if (!label) {
        score = -score;
    }
    if (score >= 2 * BAYES_Z_ONE || score <= -3 * BAYES_Z_ONE) {
        return;
    }
    int8_t z = (int8_t)score;
    uint8_t g = z >= -BAYES_Z_ONE ? (uint8_t)((uint16_t)(2 * BAYES_Z_ONE - z) * 5 / 4)
                                  : (uint8_t)((uint16_t)(z + 3 * BAYES_Z_ONE) * 15 / 8);
    int16_t slope = (int16_t)(g + z * 4);
    uint8_t h = slope > 0 ? (uint8_t)((uint16_t)(g * (uint16_t)slope) >> 7) : 0;
    for (uint8_t i = 0; i < LINEAR_TERMS; i++) {
        int16_t u = (int16_t)((int32_t)model->variance[i] * x[i] * 16 / deviation);
        int16_t step = (int16_t)(((int32_t)u * g) >> 7);
        model->mean[i] = saturate_i16((int32_t)model->mean[i] + (label ? step : -step), INT16_MAX);
        uint16_t shrink = (uint16_t)((uint32_t)((int32_t)u * u) * h >> 16);
        uint16_t room = model->variance[i] - BAYES_VARIANCE_MIN;
        model->variance[i] -= shrink < room ? shrink : room;
    }
}

#endif
