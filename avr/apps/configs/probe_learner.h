/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dimensions of the probe learner: 6 inputs 0..15, 3 classes. */
#define LEARNER_NAME "probe"
#define LEARNER_INPUTS 6
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 15
