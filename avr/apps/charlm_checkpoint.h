/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A character model through a power cut: the model and how many bytes it has coded, in images whose
 * config states CHECKPOINT_WEIGHTS, the model's size. The coder's registers lie in the model and
 * are kept with it, but a stream that was cut off does not go on: what comes up encodes a new one.
 */
#ifndef APPS_CHARLM_CHECKPOINT_H
#define APPS_CHARLM_CHECKPOINT_H

#ifdef CHECKPOINT_WEIGHTS
#include "checkpoint/slots.h"
#endif

#ifdef SLOTS_PLACE
#include "checkpoint/checkpoint.h"
#include "contract/charlm.h"
#include "contract/frame.h"

_Static_assert(sizeof(model) == CHECKPOINT_WEIGHTS, "CHECKPOINT_WEIGHTS is not the model's size");

/* What they need on the stack, coding a byte does not. */
#define APART __attribute__((noinline))

static struct {
    checkpoint_progress progress;
    uint16_t left; /* bytes to code until the next checkpoint */
} kept;

/* The next checkpoint is a whole period away. */
static void checkpoint_wait(void) {
    kept.left = kept.progress.every;
}

/* The model is another one than was trained. */
static void checkpoint_begin(void) {
    kept.progress.steps = 0;
    checkpoint_wait();
}

static checkpoint_payload payload_of(model *net) {
    return (checkpoint_payload){(uint8_t *)net, &kept.progress};
}

/* Another model's checkpoint is none. */
static uint16_t owner(void) {
    return crc_with(crc_with(FRAME_CRC_INIT, CHARLM_MODEL), CHARLM_VERSION);
}

APART static void checkpoint_make(model *net) {
    checkpoint_payload payload = payload_of(net);
    checkpoint_save(&payload, owner());
}

/* Puts what was kept, and where. */
APART static void checkpoint_tell(void) {
    checkpoint_reply reply = {SLOTS_PLACE, SLOTS, SLOT_BYTES, kept.progress};
    for (uint8_t at = 0; at < sizeof reply; at++) {
        coder_put(((const uint8_t *)&reply)[at]);
    }
}

/* A byte was coded. */
static void checkpoint_count(model *net) {
    kept.progress.steps++;
    if (kept.left != 0 && --kept.left == 0) {
        checkpoint_wait();
        checkpoint_make(net);
    }
}

/* On a fresh model: go on from the newest checkpoint, if there is one. */
APART static void checkpoint_power_up(model *net) {
    checkpoint_payload payload = payload_of(net);
    if (checkpoint_restore(&payload, owner())) {
        coder_start(&net->stream, 0);
        checkpoint_wait();
    }
}

#else

static inline void checkpoint_begin(void) {}
static inline void checkpoint_count(model *net) {
    (void)net;
}
static inline void checkpoint_power_up(model *net) {
    (void)net;
}

#endif

#endif
