/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two inputs, two classes: generated streams. Boosted stumps; ensemble-plane_majority and
 * ensemble-plane_alone are the same with another COMBINE. */

#define LEARNER_NAME "ens-plane"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 127

#define MEMBERS 16
/* A class's mean moves by 2^-STEP of the way to a sample. */
#define STEP 5

#ifndef COMBINE
#define COMBINE BOOSTED
#endif
