/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of pair.h without their line. */
#define LEARNER_NAME "patches"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define RULES 16
#define RULES_LEVEL(value) ((value) >> 6)
