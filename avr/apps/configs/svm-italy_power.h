/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ItalyPowerDemand of aeon: a day's 24 hours of demand, summer or winter. Why these numbers:
 * docs/sensors.md. */

#define LEARNER_NAME "italy_svm"
#define LEARNER_INPUTS 24
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX (255 / PIECE)

#define FRONT_END "online/sums.h"
#define PIECE 3

/* Samples that are kept; of a kernel that halves every 16 * 2^KERNEL_SHIFT of squared distance. */
#define VECTORS 24
#define KERNEL_SHIFT 10

/* A sample is to be right by this much, where a vector's whole weight is 127. */
#define MARGIN 32

/* A weight moves by 2^-STEP of what is missing. */
#define STEP 1
