/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, Rosenblatt's perceptron. */
#define LEARNER_NAME "perceptron"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LINEAR_RULE "online/perceptron.h"
#define PERCEPTRON_MARGIN 0
