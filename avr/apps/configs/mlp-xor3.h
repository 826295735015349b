/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exclusive or of two inputs, 0 or 63, 2-3-2. How the numbers were chosen: docs/nets.md. */

#define LEARNER_NAME "mlp-xor3"
#define LEARNER_INPUTS 2
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 63
#define LEARNER_INPUT_BITS 6

/* name, source, units, shift of its sums, step at full rate */
#define LAYERS(LAYER)                                                                              \
    LAYER(hidden, sample, 3, HIDDEN_SHIFT, HIDDEN_STEP)                                            \
    LAYER(output, hidden, 2, OUTPUT_SHIFT, OUTPUT_STEP)
#define HIDDEN_SHIFT 6
#define HIDDEN_STEP 8
#define OUTPUT_SHIFT 3
#define OUTPUT_STEP 8

#define WEIGHT_BITS 8
#define ACTIVATION LEAKY
#define ACTIVATION_BITS 6
#define LOSS HINGE
#define MARGIN 32
#define ONE 63
#define START 64
