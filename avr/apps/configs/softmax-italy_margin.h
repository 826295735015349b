/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ItalyPowerDemand as in softmax-italy_power.h, by the margin loss. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "italy_margin"
#define LEARNER_INPUTS 24
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

#define FRONT_END "online/plain.h"

/* A score is a sum of products / 2^SCORE_SHIFT. A margin loss. */
#define SCORE_SHIFT 8
#define MARGIN 16

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 9
