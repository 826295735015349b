/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iris of scikit-learn by rules: each of four measures is low, below the middle, above it or high.
 */
#define LEARNER_NAME "iris-rules"
#define LEARNER_INPUTS 4
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 63

#define RULES 32
#define RULES_LEVEL(value) ((value) >> 4)
