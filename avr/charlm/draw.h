/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a model that writes text departs from what it predicts: decoding noise draws from exactly
 * that. A model that can be sharpened includes this file and has a member `drawing draw`. */
#ifndef CHARLM_DRAW_H
#define CHARLM_DRAW_H

#include "charlm/logistic.h"
#include "fixed/product.h"

#define MODEL_DRAWS
#define SHARPNESS_ONE 32

typedef struct {
    uint8_t top_k;     /* draw from the so many most probable symbols; 0: from all */
    uint8_t sharpness; /* one over the temperature, in 1/32; 0: decode and draw nothing */
} drawing;

_Static_assert(LOGIT_MAX *(256L / SHARPNESS_ONE) <= 32767, "a logit and a factor fit 16 bits");

/* A logit by the sharpness, within LOGIT_MAX. */
static inline int16_t sharpened(int16_t z, uint8_t sharpness) {
    uint16_t size = (uint16_t)(z < 0 ? -z : z);
    size = product_high((uint16_t)(size * (256 / SHARPNESS_ONE)), sharpness);
    size = size > LOGIT_MAX ? LOGIT_MAX : size;
    return (int16_t)(z < 0 ? -size : size);
}

#endif
