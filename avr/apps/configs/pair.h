/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, rules over 4 x 4 cells and a line. Why these numbers: docs/tasks.md. */
#define LEARNER_NAME "pair"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define RULES 16
#define RULES_LEVEL(value) ((value) >> 6)
#define PAIR_SURE 2
#define LINEAR_RULE "online/bayes.h"
