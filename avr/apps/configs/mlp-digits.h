/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 8 x 8 digits of scikit-learn in two dense layers, 64-10-10. How the numbers were chosen:
 * docs/nets.md. */

#define LEARNER_NAME "mlp-digits"
#define LEARNER_INPUTS 64
#define LEARNER_CLASSES 10
#define LEARNER_INPUT_MAX 16
#define LEARNER_INPUT_BITS 5
#define LEARNER_TAUGHT 1 /* takes TEACH */

/* name, source, units, shift of its sums, step at full rate */
#define LAYERS(LAYER)                                                                              \
    LAYER(hidden, sample, 10, HIDDEN_SHIFT, HIDDEN_STEP)                                           \
    LAYER(output, hidden, 10, OUTPUT_SHIFT, OUTPUT_STEP)
#define HIDDEN_SHIFT 6
#define HIDDEN_STEP 9
#define OUTPUT_SHIFT 6
#define OUTPUT_STEP 8

#define WEIGHT_BITS 8
#define ACTIVATION RECTIFIER
#define ACTIVATION_BITS 6
#define LOSS SOFTMAX
#define ONE 16
#define START 16
