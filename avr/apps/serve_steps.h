/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Training steps and inferences of the serve loop; a step that says which one it is, is taken
 * exactly once. The requests are in `frame`. */
#ifndef APPS_SERVE_STEPS_H
#define APPS_SERVE_STEPS_H

#include <stdint.h>

#include "apps/serve_checkpoint.h"

/* Since the model is as it was begun. */
extern step_counts count;

/* No step was taken: both counts are 0, and there is no answer to repeat. */
void serve_steps_begin(void);

/* After a start the host may take the chip for what it was before, at the same count even, with
 * another seed or step size: numbered steps are refused until it is told the count. */
void serve_steps_hold(void);
void serve_steps_told(void);

/* To an INFER or a TRAIN, by its sample; highest: no byte of the request is above. */
uint8_t serve_answer(const uint8_t *sample, uint8_t train, uint8_t highest);
#ifdef LEARNER_TAUGHT
uint8_t serve_teach(uint8_t highest);
#endif

#ifdef CHECKPOINT_WEIGHTS
/* CRC of the learner_description, which takes the body's place in `frame`. */
uint16_t serve_owner(void);
#endif

#endif
