/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A front end for sensors: a window of time steps, one step a frame, becomes a few features.
 *
 *   sample   (1 + WINDOW_AXES,)   the step's index in its window, then a value an axis, 0..255
 *   mean     sum over t of x[t] / steps / 4
 *   change   sum over t of min(63, |x[t] - x[t - 1]|) * 2^WINDOW_CHANGE_GAIN / steps,
 *            held at 63
 *   ends     x[first] / 4 and x[last] / 4
 *   features (FEATURES,)          an axis's mean, then its change or its ends; 0..63, floored
 *
 * WINDOW_ENDS 1 chooses the ends, 0 the change. Index 0 starts a window. A step counts when its
 * index is the next one, so a frame that the line carries twice counts once. After each step the
 * features are those of the window so far. State: 4 bytes an axis with ends, 5 with change; the
 * window itself is never stored.
 */
#ifndef ONLINE_WINDOW_H
#define ONLINE_WINDOW_H

#include <stdint.h>
#include <string.h>

#include "fixed/kernel.h"

#define FEATURES (WINDOW_AXES * (2 + WINDOW_ENDS))
#define FEATURE_MAX 63
#define FEATURE_BITS 6
#define FEATURE_CENTRE 32
#define FEATURE_ONE 32

_Static_assert(LEARNER_INPUTS == 1 + WINDOW_AXES, "a frame is an index and a value an axis");
_Static_assert(LEARNER_INPUT_MAX == 255, "a step's index is a whole byte");
_Static_assert(WINDOW_STEPS <= 255, "an index fits a byte, a sum of values 16 bits");
#if !WINDOW_ENDS
_Static_assert((WINDOW_STEPS * 63L) << WINDOW_CHANGE_GAIN <= UINT16_MAX,
               "a sum of changes fits 16 bits");
#endif

static struct {
    uint8_t steps; /* of the window so far */
    struct {
        uint16_t sum;
#if WINDOW_ENDS
        uint8_t first;
#else
        uint16_t change;
#endif
        uint8_t last;
    } axis[WINDOW_AXES];
} window;

static uint8_t features[FEATURES];

#ifdef CHECKPOINT_WEIGHTS
#error "a checkpoint does not hold a window that is half full: choose another FRONT_END"
#endif

static inline void features_reset(void) {
    memset(&window, 0, sizeof window);
}

static inline uint8_t window_change(uint8_t now, uint8_t before) {
    uint8_t change = now > before ? (uint8_t)(now - before) : (uint8_t)(before - now);
    return change > FEATURE_MAX ? FEATURE_MAX : change;
}

/* x (axes,): one step. */
static inline void window_take(const uint8_t *x) {
    for (uint8_t a = 0; a < WINDOW_AXES; a++) {
        __typeof__(window.axis[0]) *axis = &window.axis[a];
        uint8_t value = x[a];
        axis->sum = (uint16_t)(axis->sum + value);
#if WINDOW_ENDS
        if (window.steps == 0) {
            axis->first = value;
        }
#else
        if (window.steps != 0) {
            axis->change = (uint16_t)(axis->change + window_change(value, axis->last));
        }
#endif
        axis->last = value;
    }
}

SHARED const uint8_t *features_of(const uint8_t *sample) {
    uint8_t index = sample[0];
    if (index == 0) {
        features_reset();
    }
    if (index == window.steps && index < WINDOW_STEPS) {
        window_take(&sample[1]);
        window.steps++;
    }
    uint16_t steps = window.steps ? window.steps : 1;
    uint8_t *feature = features;
    for (uint8_t a = 0; a < WINDOW_AXES; a++) {
        const __typeof__(window.axis[0]) *axis = &window.axis[a];
        *feature++ = (uint8_t)(axis->sum / steps >> 2);
#if WINDOW_ENDS
        *feature++ = axis->first >> 2;
        *feature++ = axis->last >> 2;
#else
        uint16_t change = (uint16_t)(axis->change << WINDOW_CHANGE_GAIN) / steps;
        *feature++ = change > FEATURE_MAX ? FEATURE_MAX : (uint8_t)change;
#endif
    }
    return features;
}

#endif
