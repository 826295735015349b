/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BasicMotions of aeon: ten seconds of accelerometer and gyroscope, standing, walking, running or
 * badminton. Why these numbers: docs/sensors.md. */

#define LEARNER_NAME "motions"
#define LEARNER_INPUTS 7
#define LEARNER_CLASSES 4
#define LEARNER_INPUT_MAX 255

#define FRONT_END "online/window.h"
#define WINDOW_AXES 6
#define WINDOW_STEPS 100
#define WINDOW_ENDS 0
#define WINDOW_CHANGE_GAIN 2

/* A score is a sum of products / 2^SCORE_SHIFT. MARGIN 0 is the softmax loss. */
#define SCORE_SHIFT 5
#define MARGIN 0

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 9
