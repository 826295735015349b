/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters by how often each came: the smallest model. */
#define CHARLM_MODEL CHARLM_UNIGRAM
#define GRAM_ROWS 1
#define GRAM_NEURAL 0
#define GRAM_STEP 4

#include "charlm/gram.h"
