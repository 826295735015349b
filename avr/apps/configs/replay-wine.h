/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wine of scikit-learn, class after class. The variants differ in SLOTS
 * and NIBBLES only: replay-wine_0 has no buffer, _9_bytes keeps whole bytes in as much SRAM. */

#define LEARNER_NAME "rep-wine"
#define LEARNER_INPUTS 13
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

/* A score is a sum of products / 2^SCORE_SHIFT. A step is taken while the label's score is less
 * than MARGIN above its strongest rival's. */
#define SCORE_SHIFT 4
#define MARGIN 128
/* Step size at full rate: 2^-shift of the gradient, in units of a weight. */
#define STEP 10

/* Samples kept, how they are chosen, and how many of them are learned again after each new one. */
#ifndef SLOTS
#define SLOTS 16
#define NIBBLES 1
#endif
#ifndef KEEP
#define KEEP BALANCED
#endif
#define REPLAYS 4
