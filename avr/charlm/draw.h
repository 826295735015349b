/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a model that writes text departs from what it predicts. Decoding noise draws from exactly
 * that; a model that can be sharpened defines MODEL_DRAWS and has a member `drawing draw`. */
#ifndef CHARLM_DRAW_H
#define CHARLM_DRAW_H

#include <stdint.h>

#define SHARPNESS_ONE 32
#define DRAW_MOST 8 /* symbols that are drawn from */

typedef struct {
    uint8_t top_k;     /* 1..DRAW_MOST; 0: as decoded */
    uint8_t sharpness; /* what logits are multiplied with, in 1/32: one over the temperature */
} drawing;

#endif
