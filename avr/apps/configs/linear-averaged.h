/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, the averaged perceptron. Why this margin: docs/tasks.md. */
#define LEARNER_NAME "averaged"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LINEAR_RULE "online/averaged.h"
#define PERCEPTRON_MARGIN 8192 /* 1/2 in Q14 */
