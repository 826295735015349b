/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 8 x 8 digits of scikit-learn. Why these numbers: docs/digits-tuning.md. */

#define LEARNER_NAME "digits"
#define LEARNER_INPUTS 64
#define LEARNER_CLASSES 10
#define LEARNER_INPUT_MAX 16
#define LEARNER_INPUT_BITS 5

/* Convolution: KERNEL x KERNEL windows at the four corners of the image, ten channels. */
#define KERNEL_SIDE 4
#define STRIDE 4

/* Hidden activation = sum / 2^HIDDEN_SHIFT, 0..HIDDEN_MAX; the output's bias sees HIDDEN_ONE. */
#define HIDDEN_SHIFT 7
#define HIDDEN_MAX 31
#define HIDDEN_BITS 5
#define HIDDEN_ONE 8

/* A score is a sum of products / 2^SCORE_SHIFT. A step is taken while the label's score is less
 * than MARGIN above its strongest rival's. */
#define SCORE_SHIFT 4
#define MARGIN 192

/* Step sizes at full rate: 2^-shift of the gradient, in units of a weight. */
#define HIDDEN_STEP 8
#define OUTPUT_STEP 9

/* Fresh weights are uniform in -start..start - 1. */
#define HIDDEN_START 32
#define OUTPUT_START 8
