/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, least mean squares. Why this rate: docs/tasks.md. */
#define LEARNER_NAME "lms"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LINEAR_RULE "online/lms.h"
#define LMS_RATE_SHIFT 4
