/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phishing websites of river: nine properties of a page, each no, half or yes. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "phishing"
#define LEARNER_INPUTS 9
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 2

#define FRONT_END "online/levels.h"

/* A score is a sum of products / 2^SCORE_SHIFT. MARGIN 0 is the softmax loss. */
#define SCORE_SHIFT 5
#define MARGIN 0

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 11
