/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a model that writes text departs from what it predicts: decoding noise draws from exactly
 * that. A model that can be sharpened includes this file and has a member `drawing draw`. */
#ifndef CHARLM_DRAW_H
#define CHARLM_DRAW_H

#include <stdint.h>

#ifndef PRIOR_TINY /* beside which 8 KB of flash have no room */
#define MODEL_DRAWS
#endif
#define SHARPNESS_ONE 32

typedef struct {
    uint8_t top_k;     /* draw from the so many most probable symbols; 0: from all */
    uint8_t sharpness; /* one over the temperature, in 1/32; 0: decode and draw nothing */
} drawing;

#endif
