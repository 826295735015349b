/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs of three levels each, three answers: a place for every rule there can be. */
#define LEARNER_NAME "grid"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 255

#define RULES 9
#define RULES_LEVEL(value) ((value) >= 176 ? 2 : (value) >= 96 ? 1 : 0)
