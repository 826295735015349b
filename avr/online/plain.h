/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front end that does nothing: a sample's values are the features. */
#ifndef ONLINE_PLAIN_H
#define ONLINE_PLAIN_H

#include <stdint.h>

#define FEATURES LEARNER_INPUTS
#define FEATURE_MAX LEARNER_INPUT_MAX
#define FEATURE_BITS LEARNER_INPUT_BITS
#define FEATURE_CENTRE (LEARNER_INPUT_MAX / 2 + 1)
#define FEATURE_ONE (LEARNER_INPUT_MAX / 2 + 1)

_Static_assert(LEARNER_INPUT_MAX < 1 << LEARNER_INPUT_BITS, "an input must fit its bits");

static inline void features_reset(void) {}

static inline const uint8_t *features_of(const uint8_t *sample) {
    return sample;
}

#endif
