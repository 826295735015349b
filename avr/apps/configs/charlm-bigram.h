/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters by how often each came after the one before: a table of 1 KB. */
#define CHARLM_MODEL CHARLM_BIGRAM
#define GRAM_ROWS 32
#define GRAM_NEURAL 0
#define GRAM_STEP 4

#include "charlm/gram.h"
