/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integer square root, bit by bit. */
#ifndef FIXED_ROOT_H
#define FIXED_ROOT_H

#include <stdint.h>

#include "fixed/kernel.h"

/* floor(sqrt(x)). x 0..2^32 - 1. Each round decides one bit of the root, highest first, by what is
 * left of x when the square so far is taken away. */
KERNEL uint16_t root_u32(uint32_t x) {
    uint32_t root = 0;
    for (uint32_t bit = 0x40000000; bit != 0; bit >>= 2) {
        uint32_t trial = root + bit;
        root >>= 1;
        if (x >= trial) {
            x -= trial;
            root += bit;
        }
    }
    return (uint16_t)root;
}

#endif
