/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In place of charlm/adapted.h: a transformer that learns nothing of the text that it codes, so
 * that what learning gives can be measured. */
#ifndef CHARLM_FROZEN_H
#define CHARLM_FROZEN_H

#include "charlm/transformer_shape.h"

typedef struct {
    uint8_t nothing[2];
} adapted;

static inline void adapted_start(adapted *own) {
    own->nothing[0] = own->nothing[1] = 0;
}

static inline int16_t adapted_warmth(const adapted *own) {
    (void)own;
    return 0;
}

static inline void adapted_shift(adapted *own, int16_t *logit) {
    (void)own;
    (void)logit;
}

static inline void adapted_learn(adapted *own, const uint16_t *frequency, uint8_t came) {
    (void)own;
    (void)frequency;
    (void)came;
}

static inline void adapted_push(adapted *own, uint8_t symbol) {
    (void)own;
    (void)symbol;
}

#endif
