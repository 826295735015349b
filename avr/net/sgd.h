/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic gradient descent on small integers.
 *
 *   weight <- saturate(weight - round(gradient / 2^shift))
 *
 * The rounding is stochastic, so the step is right on the average even where it is far below one
 * unit of the weight. The step size is a power of two; a learning-rate schedule raises the shift.
 */
#ifndef NET_SGD_H
#define NET_SGD_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/noise.h"
#include "fixed/round.h"
#include "fixed/saturate.h"

typedef struct {
    uint16_t mask; /* 2^shift - 1: the noise bits a rounding wants */
    uint8_t shift; /* the step is gradient / 2^shift */
} step_size;

/* The largest shift at which gradient and noise fit 16 bits, whatever the schedule asks for. */
#define STEP_SHIFT_MAX 14

/* base >> slower, held at the smallest step there is. */
SHARED step_size step_size_of(uint8_t base, uint8_t slower) {
    uint8_t shift = (uint8_t)(base + slower);
    if (slower > STEP_SHIFT_MAX || shift > STEP_SHIFT_MAX) {
        shift = STEP_SHIFT_MAX;
    }
    return (step_size){.mask = round_mask(shift), .shift = shift};
}

/* A fresh weight, uniform in -half..half - 1; half a power of two, 1..64. */
static inline int8_t start_weight(uint8_t half, uint16_t *noise) {
    return (int8_t)(((uint8_t)noise_next(noise) & (uint8_t)(half + half - 1)) - half);
}

/* An 8-bit weight held in -limit..limit, a 16-bit gradient, |gradient| <= 32767 - 2^14.
 * step->shift 8..14. */
SHARED void sgd_i8(int8_t *weight, int16_t gradient, const step_size *step, uint16_t *noise,
                   int8_t limit) {
    if (gradient != 0) {
        int8_t change = round_stochastic(gradient, noise_next(noise), step->mask, step->shift);
        *weight = saturate_i8((int16_t)(*weight - change), limit);
    }
}

/* A 16-bit weight, a 32-bit gradient, |gradient| < 2^31 - 2^16. step->shift 0..14. */
SHARED void sgd_i16(int16_t *weight, int32_t gradient, const step_size *step, uint16_t *noise) {
    if (gradient != 0) {
        int32_t change = round_stochastic_i32(gradient, noise_next(noise), step->mask, step->shift);
        *weight = saturate_i16(*weight - change, INT16_MAX);
    }
}

/* How many of weight (count,) stand at the limit of their range. */
SHARED uint16_t at_limit_i8(const int8_t *weight, uint16_t count, int8_t limit) {
    uint16_t found = 0;
    for (; count != 0; count--, weight++) {
        found = (uint16_t)(found + (*weight >= limit || *weight <= -limit));
    }
    return found;
}
SHARED uint16_t at_limit_i16(const int16_t *weight, uint16_t count, int16_t limit) {
    uint16_t found = 0;
    for (; count != 0; count--, weight++) {
        found = (uint16_t)(found + (*weight >= limit || *weight <= -limit));
    }
    return found;
}

#endif
