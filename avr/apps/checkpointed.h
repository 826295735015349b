/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CHECKPOINTED(net, noise), behind a learner's `net`: what its checkpoints are made of, noise being
 * where the state of its rounding noise is, or 0. Nothing in images that keep none. */
#ifndef APPS_CHECKPOINTED_H
#define APPS_CHECKPOINTED_H

#include "apps/learner.h"

#ifdef CHECKPOINT_WEIGHTS
#define CHECKPOINTED(net, noise)                                                                   \
    _Static_assert(sizeof(net) == CHECKPOINT_WEIGHTS, "CHECKPOINT_WEIGHTS is not net's size");     \
    uint16_t *learner_noise(void) {                                                                \
        return noise;                                                                              \
    }
#else
#define CHECKPOINTED(net, noise)
#endif

#endif
