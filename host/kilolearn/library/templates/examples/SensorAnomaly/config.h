/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A config of your own: what there is to state stands in apps/learner.h. */
#define LEARNER_NAME "anomaly"
#define LEARNER_INPUTS 2 /* sensors */
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255
