/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A front end that shortens a series: each feature is the sum of PIECE values in a row.
 *
 *   feature[f] = sum over i < PIECE of sample[PIECE * f + i]
 *
 * Noise in single values averages out, the shape stays. Source: Keogh et al., Dimensionality
 * reduction for fast similarity search (piecewise aggregate approximation), KAIS 3 (2001).
 */
#ifndef ONLINE_SUMS_H
#define ONLINE_SUMS_H

#include <stdint.h>

#define FEATURES (LEARNER_INPUTS / PIECE)

_Static_assert(LEARNER_INPUTS % PIECE == 0, "the last piece must be whole");
_Static_assert(PIECE *LEARNER_INPUT_MAX <= 255, "a sum must fit a byte");

static uint8_t features[FEATURES];

static inline const uint8_t *features_of(const uint8_t *sample) {
    for (uint8_t f = 0; f < FEATURES; f++) {
        uint8_t sum = 0;
        for (uint8_t left = PIECE; left != 0; left--) {
            sum = (uint8_t)(sum + *sample++);
        }
        features[f] = sum;
    }
    return features;
}

#endif
