/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, the nearer class mean. */
#define LEARNER_NAME "centroid"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LINEAR_RULE "online/centroid.h"
