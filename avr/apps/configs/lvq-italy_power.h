/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ItalyPowerDemand of aeon: a day's 24 hours of demand, summer or winter. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "italy_lvq"
#define LEARNER_INPUTS 24
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 127

#define PROTOTYPES 2

/* A sample counts while PULL * own distance > PUSH * the rival's. */
#define PULL 12
#define PUSH 4

/* A score is a distance / 2^SCORE_SHIFT. */
#define SCORE_SHIFT 6

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 9
