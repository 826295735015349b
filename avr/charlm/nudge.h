/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps of weights of 8 bits: what a step is too little for is carried on to the next weight that
 * moves, so that nothing is lost to rounding and no noise is needed. */
#ifndef CHARLM_NUDGE_H
#define CHARLM_NUDGE_H

#include "charlm/state.h"
#include "fixed/kernel.h"
#include "fixed/saturate.h"

/* A step of high + low / 65536 units with what was carried; its whole units, and the rest is
 * carried on. */
SHARED int8_t learned_whole(state_u16 *carried, int8_t high, uint16_t low) {
    low = (uint16_t)(low + *carried);
    high = (int8_t)(high + (low < *carried));
    *carried = low;
    return high;
}

/* The same step of a weight: high -127..126. */
SHARED void learned_nudge_c(int8_t *weight, int8_t high, uint16_t low, state_u16 *carried) {
    *weight = saturate_i8((int16_t)(*weight + learned_whole(carried, high, low)), 127);
}

#ifdef __AVR__
void learned_nudge(int8_t *weight, int8_t high, uint16_t low, state_u16 *carried);
#else
#define learned_nudge learned_nudge_c
#endif

#endif
