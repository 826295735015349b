/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iris of scikit-learn, 4-8-3. How the numbers were chosen: docs/nets.md. */

#define LEARNER_NAME "mlp-iris"
#define LEARNER_INPUTS 4
#define LEARNER_CLASSES 3
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

/* name, source, units, shift of its sums, step at full rate */
#define LAYERS(LAYER)                                                                              \
    LAYER(hidden, sample, 8, HIDDEN_SHIFT, HIDDEN_STEP)                                            \
    LAYER(output, hidden, 3, OUTPUT_SHIFT, OUTPUT_STEP)
#define HIDDEN_SHIFT 8
#define HIDDEN_STEP 11
#define OUTPUT_SHIFT 5
#define OUTPUT_STEP 10

#define WEIGHT_BITS 8
#define ACTIVATION RECTIFIER
#define ACTIVATION_BITS 5
#define LOSS HINGE
#define MARGIN 32
#define ONE 16
#define START 32
