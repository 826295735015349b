/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest of some prototypes, which lie in flash one behind the other:
 *
 *   distance[p] = sum over i of |prototype[p][i] - sample[i]|
 *
 * prototype (count, width) and sample (width,) uint8; sums below 2^16: width * 255 does it. */
#ifndef NET_NEAREST_H
#define NET_NEAREST_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

/* Returns the p of the smallest distance, of equal ones the first. count, width 1..255. */
KERNEL uint8_t nearest_prototype(const uint8_t *prototype, uint8_t count, const uint8_t *sample,
                                 uint8_t width) {
    uint16_t least = UINT16_MAX;
    uint8_t nearest = 0;
    for (uint8_t p = 0; p < count; p++) {
        uint16_t distance = 0;
        for (uint8_t i = 0; i < width; i++) {
            uint8_t there = flash_u8(&prototype);
            uint8_t here = sample[i];
            distance += there < here ? here - there : there - here;
        }
        if (distance < least) {
            least = distance;
            nearest = p;
        }
    }
    return nearest;
}

#endif
