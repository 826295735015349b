/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A measured number becomes a level: its distance from `low`, as many bits of it as a level has.
 *
 *   level = min((raw - low) >> shift, highest), 0 below low; a shift < 0 goes to the left
 *
 * PREPARE_LEFT 0: no shift is < 0. A number that is missing is PREPARE_MISSING, which is below any
 * low; PREPARE_GAPS 1: the table says its level. */
#ifndef FIXED_PREPARE_H
#define FIXED_PREPARE_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

#define PREPARE_MISSING INT16_MIN

typedef struct {
    uint8_t column; /* of the raw sample */
    int8_t shift;   /* -7..15 */
    int16_t low;
#if PREPARE_GAPS
    uint8_t missing;
#endif
} prepared_number;

/* Into a loop; prepare_level is the same for several calls. */
KERNEL uint8_t prepared_level(int16_t raw, int16_t low, int8_t shift, uint8_t highest) {
    if (raw <= low) {
        return 0;
    }
    uint16_t level = (uint16_t)((uint16_t)raw - (uint16_t)low);
    for (; shift > 0; shift--) {
        level >>= 1;
    }
#if PREPARE_LEFT
    for (; shift < 0 && level <= highest; shift++) {
        level = (uint16_t)(level << 1);
    }
#endif
    return level > highest ? highest : (uint8_t)level;
}

SHARED uint8_t prepare_level(int16_t raw, int16_t low, int8_t shift, uint8_t highest) {
    return prepared_level(raw, low, shift, highest);
}

/* numbers (count,) in flash; raw (columns,), levels (count,). */
KERNEL void prepare_levels(const int16_t *raw, uint8_t *levels,
                           const IN_FLASH prepared_number *numbers, uint8_t count,
                           uint8_t highest) {
    for (; count > 0; count--, numbers++) {
        int16_t value = raw[numbers->column];
        uint8_t level = prepared_level(value, numbers->low, numbers->shift, highest);
#if PREPARE_GAPS
        if (value == PREPARE_MISSING) {
            level = numbers->missing;
        }
#endif
        *levels++ = level;
    }
}

#endif
