/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Breast cancer of scikit-learn. Boosted stumps; ensemble-breast_cancer_majority and
 * ensemble-breast_cancer_alone are the same with another COMBINE. */

#define LEARNER_NAME "ens-breast"
#define LEARNER_INPUTS 30
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 127

#define MEMBERS 30
/* A class's mean moves by 2^-STEP of the way to a sample. */
#define STEP 5

#ifndef COMBINE
#define COMBINE BOOSTED
#endif
