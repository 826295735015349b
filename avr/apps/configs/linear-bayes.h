/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, a posterior over lines. */
#define LEARNER_NAME "bayes"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LINEAR_RULE "online/bayes.h"
