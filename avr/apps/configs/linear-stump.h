/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, a threshold on the better of them. Why this rate: docs/kilobyte.md. */
#define LEARNER_NAME "stump"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LINEAR_RULE "online/best_stump.h"
#define BEST_STUMP_RATE_SHIFT 5
