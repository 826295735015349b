/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ItalyPowerDemand of aeon: a day's 24 hours of demand, summer or winter. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "italy_power"
#define LEARNER_INPUTS 24
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 15
#define LEARNER_INPUT_BITS 4

/* Hidden activation = sum / 2^HIDDEN_SHIFT, 0..HIDDEN_MAX; the output's bias sees HIDDEN_ONE. */
#define HIDDEN 6
#define HIDDEN_SHIFT 5
#define HIDDEN_MAX 31
#define HIDDEN_BITS 5
#define HIDDEN_ONE 8

/* A score is a sum of products / 2^SCORE_SHIFT. A step is taken while the label's score is less
 * than MARGIN above its strongest rival's. */
#define SCORE_SHIFT 2
#define MARGIN 192

/* Step sizes at full rate: 2^-shift of the gradient, in units of a weight. */
#define HIDDEN_STEP 9
#define OUTPUT_STEP 9

/* Fresh weights are uniform in -start..start - 1. */
#define START 16
