/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the serve loop on the chip, and the twin on the host, ask of a learner.
 *
 * A learner is apps/NAME.c. It includes this file (which makes the Makefile link the serve loop)
 * and keeps its whole model in one global `network net`. Its config header, apps/configs/NAME.h or
 * apps/configs/NAME-CONFIG.h, arrives as the macro APP_CONFIG and states the task:
 *
 *   #define LEARNER_NAME "digits"   at most LEARNER_NAME_SIZE characters
 *   #define LEARNER_INPUTS 64       values in a sample, 2..248: a TRAIN frame holds one, and is as
 *                                 long as a READ_WEIGHTS request or longer
 *   #define LEARNER_CLASSES 10      labels, 2..255
 *   #define LEARNER_INPUT_MAX 16    largest value of an input, 1..255
 *   #define LEARNER_TAUGHT 1        only where learner_teach exists: TEACH is answered
 *   #define LEARNER_INPUTS_A_BYTE 2 only with a LEARNER_INPUT_MAX of 15: two inputs share a byte,
 * the first one its low half
 *   #define CHECKPOINT_WEIGHTS 610  only where checkpoints are to be kept: bytes of net
 *
 * The definitions of learner_reset, learner_infer and learner_train carry
 * __attribute__((noinline)), so that they can be timed and broken on in any build.
 * cffi reads the declarations below when the lines with # are left out (natural alignment).
 */
#ifndef APPS_LEARNER_H
#define APPS_LEARNER_H

#include <stdint.h>

#ifdef APP_CONFIG
#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective
#endif

#ifndef LEARNER_INPUTS_A_BYTE
#define LEARNER_INPUTS_A_BYTE 1
#endif
#define LEARNER_SAMPLE_SIZE ((LEARNER_INPUTS + LEARNER_INPUTS_A_BYTE - 1) / LEARNER_INPUTS_A_BYTE)

typedef struct {
    uint8_t prediction;
    int16_t margin; /* infer: best score less second best; train: score of the true class less the
                       best other; saturated */
} learner_answer;

/* Fresh weights and rounding noise, both from seed; step size back to full. */
void learner_reset(uint16_t seed);

/* Step size = base >> shift. The schedule is the host's. */
void learner_set_rate(uint8_t shift);

/* sample (LEARNER_SAMPLE_SIZE,), inputs 0..LEARNER_INPUT_MAX: checked by the caller. */
learner_answer learner_infer(const uint8_t *sample);

/* One step. The answer is the one before the update. label < LEARNER_CLASSES: checked by the
 * caller. */
learner_answer learner_train(const uint8_t *sample, uint8_t label);

/* One step towards the soft target of a teacher, target (LEARNER_CLASSES,) Q8, 255 is certain.
 * label is the class of its largest value; the answer is as of learner_train. */
learner_answer learner_teach(const uint8_t *sample, const uint8_t *target, uint8_t label);

/* The whole model as bytes; its layout is the `net` struct. */
uint8_t *learner_weights(void);
uint16_t learner_weights_size(void);

/* The state of the rounding noise, or NULL: with the weights and the step size all that a learner
 * goes on from. Defined by CHECKPOINTED, apps/checkpointed.h. */
uint16_t *learner_noise(void);

/* How many weights stand at the limit of their range. Where a learner has it, for the twin alone:
 * no image asks for it, so none holds it. */
uint16_t learner_weights_at_limit(void);

#endif
