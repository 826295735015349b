/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iris of scikit-learn. Boosted stumps; ensemble-iris_majority and
 * ensemble-iris_alone are the same with another COMBINE. */

#define LEARNER_NAME "ens-iris"
#define LEARNER_INPUTS 4
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 127

#define MEMBERS 8
/* A class's mean moves by 2^-STEP of the way to a sample. */
#define STEP 5

#ifndef COMBINE
#define COMBINE BOOSTED
#endif
