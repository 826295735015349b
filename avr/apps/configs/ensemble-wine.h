/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wine of scikit-learn. Boosted stumps; ensemble-wine_majority and
 * ensemble-wine_alone are the same with another COMBINE. */

#define LEARNER_NAME "ens-wine"
#define LEARNER_INPUTS 13
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 127

#define MEMBERS 26
/* A class's mean moves by 2^-STEP of the way to a sample. */
#define STEP 5

#ifndef COMBINE
#define COMBINE BOOSTED
#endif
