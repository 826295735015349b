/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sensors. */
#define LEARNER_NAME "anomaly"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255
