/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the serve loop does so that neither a power cut nor a hang loses what was learned: only in
 * images whose config states CHECKPOINT_WEIGHTS. owner is the CRC of the learner_description, since
 * another learner's checkpoint is none. */
#ifndef APPS_SERVE_CHECKPOINT_H
#define APPS_SERVE_CHECKPOINT_H

#include <stdint.h>

#include "apps/learner.h"
#include "contract/checkpoint.h"

typedef struct {
    uint32_t steps;
    uint32_t errors;
} step_counts;

#ifdef CHECKPOINT_WEIGHTS

/* At power-up, on a fresh model: go on from the newest checkpoint, if there is one. */
void serve_restore(uint16_t owner, step_counts *counts);

/* The model is fresh, its step size full: the next checkpoint is a whole period away. */
void serve_begin(void);

void serve_note_rate(uint8_t shift);

/* A training step was counted: is a checkpoint to be made? */
uint8_t serve_is_due(void);

/* Make one; every: as in a checkpoint_request. */
void serve_save(uint16_t owner, const step_counts *counts, uint16_t every, checkpoint_reply *reply);

/* Go on from a checkpoint's progress; the weights are there. shift is checked by the caller. */
void serve_resume(const checkpoint_progress *progress, step_counts *counts);

#else

static inline void serve_begin(void) {}
static inline void serve_note_rate(uint8_t shift) {
    (void)shift;
}

#endif

#endif
