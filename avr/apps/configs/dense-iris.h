/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iris of scikit-learn: three species of iris by four measures of their flowers. Why these numbers:
 * docs/dense-tuning.md. */

#define LEARNER_NAME "iris"
#define LEARNER_INPUTS 4
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

/* Hidden activation = sum / 2^HIDDEN_SHIFT, 0..HIDDEN_MAX; the output's bias sees HIDDEN_ONE. */
#define HIDDEN 8
#define HIDDEN_SHIFT 8
#define HIDDEN_MAX 31
#define HIDDEN_BITS 5
#define HIDDEN_ONE 8

/* A score is a sum of products / 2^SCORE_SHIFT. A step is taken while the label's score is less
 * than MARGIN above its strongest rival's. */
#define SCORE_SHIFT 2
#define MARGIN 128

/* Step sizes at full rate: 2^-shift of the gradient, in units of a weight. */
#define HIDDEN_STEP 11
#define OUTPUT_STEP 8

/* Fresh weights are uniform in -start..start - 1. */
#define START 16
