/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A front end for values of few levels: a feature for each level of each value (one-hot).
 *
 *   features[i][v] = 64 where sample[i] = v, else 0;   (inputs, levels), levels = INPUT_MAX + 1
 *
 * The classifier then has a weight for each level, so that "half" need not lie between "no" and
 * "yes".
 */
#ifndef ONLINE_LEVELS_H
#define ONLINE_LEVELS_H

#include <stdint.h>
#include <string.h>

#include "fixed/kernel.h"

#define LEVELS (LEARNER_INPUT_MAX + 1)
#define FEATURES (LEARNER_INPUTS * LEVELS)
#define FEATURE_MAX 64
#define FEATURE_BITS 7
#define FEATURE_CENTRE 0
#define FEATURE_ONE 64

static uint8_t features[FEATURES];

static inline void features_reset(void) {}

SHARED const uint8_t *features_of(const uint8_t *sample) {
    memset(features, 0, sizeof features);
    uint8_t *feature = features;
    for (uint8_t left = LEARNER_INPUTS; left != 0; left--) {
        feature[*sample++] = FEATURE_MAX;
        feature += LEVELS;
    }
    return features;
}

#endif
