/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A front end that lets a linear classifier of two values bend: a lattice of LATTICE_SIDE^2 knots.
 *
 *   position    x * (LATTICE_SIDE - 1) / 256 an axis: a cell, and a fraction f in eighths
 *   features    at the cell's four corners (8 - f or f, along x) * (8 - f or f, along y); else 0
 *
 * They add up to 64, so the score over the plane is piecewise bilinear and each knot's weight is
 * its height there. One sample touches four weights of all. Source: Garcia, Gupta, Lattice
 * regression, NeurIPS 2009.
 */
#ifndef ONLINE_LATTICE_H
#define ONLINE_LATTICE_H

#include <stdint.h>
#include <string.h>

#include "fixed/kernel.h"

#define FEATURES (LATTICE_SIDE * LATTICE_SIDE)
#define FEATURE_MAX 64
#define FEATURE_BITS 7
#define FEATURE_CENTRE 0
#define FEATURE_ONE 64

_Static_assert(LEARNER_INPUTS == 2 && LEARNER_INPUT_MAX == 255, "a point is two whole bytes");
_Static_assert(LATTICE_SIDE >= 2 && LATTICE_SIDE <= 15, "a knot's index fits a byte");

static uint8_t features[FEATURES];

static inline void features_reset(void) {}

SHARED const uint8_t *features_of(const uint8_t *sample) {
    uint16_t x = (uint16_t)(sample[0] * (LATTICE_SIDE - 1U));
    uint16_t y = (uint16_t)(sample[1] * (LATTICE_SIDE - 1U));
    uint8_t right = (uint8_t)x >> 5, left = 8 - right;
    uint8_t above = (uint8_t)y >> 5, below = 8 - above;
    uint8_t *knot = &features[(y >> 8) * LATTICE_SIDE + (x >> 8)];
    memset(features, 0, sizeof features);
    knot[0] = (uint8_t)(left * below);
    knot[1] = (uint8_t)(right * below);
    knot[LATTICE_SIDE] = (uint8_t)(left * above);
    knot[LATTICE_SIDE + 1] = (uint8_t)(right * above);
    return features;
}

#endif
