/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wine of scikit-learn. */

#define LEARNER_NAME "tree-wine"
#define LEARNER_INPUTS 13
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 255

#define LEAVES 2
/* A leaf looks at its counts every GRACE samples. */
#define GRACE 20
/* 256 R^2 ln(1 / delta) / 2 with R = log2(classes), delta = 0.05. */
#define BOUND 963
/* Q4 bits: where Hoeffding's epsilon is below it, two features count as equally good. */
#define TIE 2
