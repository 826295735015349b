/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/serve_checkpoint.h"

#ifdef CHECKPOINT_WEIGHTS
#include "checkpoint/slots.h"

#ifdef SLOTS /* else slots.h has said why not */
#include "checkpoint/checkpoint.h"

static uint8_t rate_shift;
static struct {
    uint16_t every; /* training steps between two checkpoints, or 0 */
    uint16_t left;  /* of them until the next */
} period;

static void set_period(uint16_t every) {
    period.every = period.left = every;
}

void serve_begin(void) {
    set_period(period.every);
    rate_shift = 0;
}

void serve_note_rate(uint8_t shift) {
    rate_shift = shift;
}

uint8_t serve_is_due(void) {
    if (period.every == 0 || --period.left != 0) {
        return 0;
    }
    period.left = period.every;
    return 1;
}

void serve_resume(const checkpoint_progress *progress, step_counts *counts) {
    counts->steps = progress->steps;
    counts->errors = progress->errors;
    set_period(progress->every);
    rate_shift = progress->shift;
    learner_set_rate(rate_shift);
    uint16_t *noise = learner_noise();
    if (noise) {
        *noise = progress->noise;
    }
}

void serve_restore(uint16_t owner, step_counts *counts) {
    checkpoint_progress progress;
    checkpoint_payload payload = {learner_weights(), &progress};
    if (checkpoint_restore(&payload, owner)) {
        serve_resume(&progress, counts);
    }
}

__attribute__((noinline)) void serve_save(uint16_t owner, const step_counts *counts, uint16_t every,
                                          checkpoint_reply *reply) {
    if (every != CHECKPOINT_AS_BEFORE) {
        set_period(every);
    }
    const uint16_t *noise = learner_noise();
    *reply = (checkpoint_reply){.place = SLOTS_PLACE,
                                .slots = SLOTS,
                                .slot_bytes = SLOT_BYTES,
                                .progress = {.steps = counts->steps,
                                             .errors = counts->errors,
                                             .noise = noise ? *noise : 0,
                                             .every = period.every,
                                             .shift = rate_shift}};
    checkpoint_payload payload = {learner_weights(), &reply->progress};
    checkpoint_save(&payload, owner);
}

#endif
#endif
