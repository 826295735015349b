/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells the readings of a sensor that lie far from its usual ones, without being taught which.
 * A running mean m and mean absolute deviation d:
 *
 *   e = value - m,   anomalous: |e| > 7/2 * d
 *   c = min(|e|, 2 * d + 1)                       an outlier pulls no harder than this
 *   m <- m + sign(e) * c / 2^k,  d <- d + (c - d) / 2^k
 *
 * k = floor(log2(n + 2)) up to ANOMALY_RATE_SHIFT for the n-th sample, counted from 0: at first the
 * plain means, later those of some 2^k samples. The first sample is the first mean, with the
 * deviation ANOMALY_FIRST_DEVIATION; the first ANOMALY_WARM_UP samples are never called anomalous.
 * For a normal distribution d is 0.8 standard deviations, so the threshold is at 2.8.
 * value: a byte. m, d, e, c: Q6.
 */
#ifndef ONLINE_ANOMALY_H
#define ONLINE_ANOMALY_H

#include <stdint.h>

#include "fixed/kernel.h"

#define ANOMALY_RATE_SHIFT 5
#define ANOMALY_WARM_UP 5
#define ANOMALY_FIRST_DEVIATION (8 << 6)
#define ANOMALY_SEEN_MAX ((1 << ANOMALY_RATE_SHIFT) - 2)

/* Packed to the chip's layout, which has no padding. */
typedef struct __attribute__((packed)) {
    uint16_t mean;      /* Q6 */
    uint16_t deviation; /* Q6 */
    uint8_t seen;       /* samples, held at ANOMALY_SEEN_MAX */
} anomaly_model;

_Static_assert((255L << 6) * 7 / 2 <= UINT16_MAX, "the threshold must fit 16 bits");

KERNEL void anomaly_reset(anomaly_model *model) {
    *model = (anomaly_model){0};
}

/* |value - mean|, Q6. */
KERNEL uint16_t anomaly_distance(const anomaly_model *model, uint8_t value) {
    uint16_t here = (uint16_t)(value << 6);
    return here > model->mean ? here - model->mean : model->mean - here;
}

/* Q6; until the model has seen enough, more than any distance. */
KERNEL uint16_t anomaly_threshold(const anomaly_model *model) {
    if (model->seen < ANOMALY_WARM_UP) {
        return UINT16_MAX;
    }
    return (uint16_t)(model->deviation * 3u + model->deviation / 2);
}

KERNEL void anomaly_learn(anomaly_model *model, uint8_t value) {
    if (model->seen == 0) {
        model->mean = (uint16_t)(value << 6);
        model->deviation = ANOMALY_FIRST_DEVIATION;
    }
    uint16_t pull = anomaly_distance(model, value);
    uint16_t most = (uint16_t)(2 * model->deviation + 64);
    if (pull > most) {
        pull = most;
    }
    uint8_t shift = 0;
    for (uint8_t count = model->seen + 2; count > 1; count >>= 1) {
        shift++;
    }
    uint16_t step = (uint16_t)((pull + ((1u << shift) >> 1)) >> shift);
    if ((uint16_t)(value << 6) > model->mean) {
        model->mean += step;
    } else {
        model->mean -= step;
    }
    model->deviation += (uint16_t)((int16_t)(pull - model->deviation) >> shift);
    if (model->seen < ANOMALY_SEEN_MAX) {
        model->seen++;
    }
}

#endif
