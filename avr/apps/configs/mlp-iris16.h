/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iris of scikit-learn, 4-8-3, 16-bit weights, sigmoids, squared loss. How the numbers were chosen:
 * docs/nets.md. */

#define LEARNER_NAME "mlp-iris16"
#define LEARNER_INPUTS 4
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

/* name, source, units, shift of its sums, step at full rate */
#define LAYERS(LAYER)                                                                              \
    LAYER(hidden, sample, 8, HIDDEN_SHIFT, HIDDEN_STEP)                                            \
    LAYER(output, hidden, 3, OUTPUT_SHIFT, OUTPUT_STEP)
#define HIDDEN_SHIFT 4
#define HIDDEN_STEP 9
#define OUTPUT_SHIFT 3
#define OUTPUT_STEP 9

#define WEIGHT_BITS 16
#define ACTIVATION SIGMOID
#define ACTIVATION_BITS 6
#define LOSS SQUARED
#define ONE 32
#define START 16
