/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The square root, bit by bit from the highest: no division, and 16 rounds for any value. */
#ifndef FIXED_ROOT_H
#define FIXED_ROOT_H

#include <stdint.h>

#include "fixed/kernel.h"

/* floor(sqrt(value)); of a Q(2n) the root in Qn. */
KERNEL uint16_t root_u32(uint32_t value) {
    uint32_t root = 0;
    for (uint32_t bit = 1UL << 30; bit != 0; bit >>= 2) {
        uint32_t tried = root + bit;
        root >>= 1;
        if (value >= tried) {
            value -= tried;
            root += bit;
        }
    }
    return (uint16_t)root;
}

#endif
