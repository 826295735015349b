/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, two classes: generated streams. */

#define LEARNER_NAME "tree-plane"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 255

#define LEAVES 8
/* A leaf looks at its counts every GRACE samples. */
#define GRACE 20
/* 256 R^2 ln(1 / delta) / 2 with R = log2(classes), delta = 0.0042. */
#define BOUND 700
/* Q4 bits: where Hoeffding's epsilon is below it, two features count as equally good. */
#define TIE 3
