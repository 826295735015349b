/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two classes of 8 x 8 images, which two the task says: ten samples must do (kilolearn meta). How
 * the numbers were chosen: docs/nets.md. */

#define LEARNER_NAME "mlp-pair"
#define LEARNER_INPUTS 64
#define LEARNER_CLASSES 2
#define LEARNER_INPUT_MAX 16
#define LEARNER_INPUT_BITS 5

/* name, source, units, shift of its sums, step at full rate */
#define LAYERS(LAYER)                                                                              \
    LAYER(hidden, sample, 8, HIDDEN_SHIFT, HIDDEN_STEP)                                            \
    LAYER(output, hidden, 2, OUTPUT_SHIFT, OUTPUT_STEP)
#define HIDDEN_SHIFT 6
#define HIDDEN_STEP 9
#define OUTPUT_SHIFT 6
#define OUTPUT_STEP 8

#define WEIGHT_BITS 8
#define ACTIVATION LEAKY
#define ACTIVATION_BITS 6
#define LOSS HINGE
#define MARGIN 32
#define ONE 16
#define START 32
