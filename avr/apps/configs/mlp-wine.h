/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wine of scikit-learn in three layers, 13-8-6-3. How the numbers were chosen: docs/nets.md. */

#define LEARNER_NAME "mlp-wine"
#define LEARNER_INPUTS 13
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 31
#define LEARNER_INPUT_BITS 5
#define LEARNER_TAUGHT 1 /* takes TEACH */

/* name, source, units, shift of its sums, step at full rate */
#define LAYERS(LAYER)                                                                              \
    LAYER(hidden, sample, 8, HIDDEN_SHIFT, HIDDEN_STEP)                                            \
    LAYER(second, hidden, 6, SECOND_SHIFT, SECOND_STEP)                                            \
    LAYER(output, second, 3, OUTPUT_SHIFT, OUTPUT_STEP)
#define HIDDEN_SHIFT 7
#define HIDDEN_STEP 9
#define SECOND_SHIFT 6
#define SECOND_STEP 11
#define OUTPUT_SHIFT 6
#define OUTPUT_STEP 9

#define WEIGHT_BITS 8
#define ACTIVATION LEAKY
#define ACTIVATION_BITS 6
#define LOSS SOFTMAX
#define ONE 16
#define START 32
