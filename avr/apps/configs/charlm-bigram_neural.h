/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bigram table and a net of 4 units on the last character, interpolated. */
#define CHARLM_MODEL CHARLM_BIGRAM_NEURAL
#define GRAM_ROWS 32
#define GRAM_NEURAL 1
#define GRAM_STEP 4

#include "charlm/gram.h"
