/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ItalyPowerDemand of aeon: a day's 24 hours of demand, summer or winter. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "italy_power"
#define LEARNER_INPUTS 24
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

#define FRONT_END "online/plain.h"

/* A score is a sum of products / 2^SCORE_SHIFT. MARGIN 0 is the softmax loss. */
#define SCORE_SHIFT 5
#define MARGIN 0

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 10
