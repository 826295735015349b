/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bananas of river (OpenML 1460): two bent clusters in the plane. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "bananas"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define FRONT_END "online/lattice.h"
#define LATTICE_SIDE 8

/* A score is a sum of products / 2^SCORE_SHIFT. MARGIN 0 is the softmax loss. */
#define SCORE_SHIFT 6
#define MARGIN 0

/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 9
