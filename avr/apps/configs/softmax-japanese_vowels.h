/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JapaneseVowels of aeon: nine speakers by 7 to 29 frames of twelve cepstrum coefficients. Why
 * these numbers: docs/sensors.md. */

#define LEARNER_NAME "vowels"
#define LEARNER_INPUTS 13
#define LEARNER_CLASSES 9
#define LEARNER_INPUT_MAX 255

#define FRONT_END "online/window.h"
#define WINDOW_AXES 12
#define WINDOW_STEPS 29
#define WINDOW_ENDS 1

/* A score is a sum of products / 2^SCORE_SHIFT. MARGIN 0 is the softmax loss. */
#define SCORE_SHIFT 6
#define MARGIN 0

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 9
