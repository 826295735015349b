/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half a byte a weight: how far it lies from the one before it in its row.
 *
 *   weight[i] = weight[i - 1] + 2^DELTA_SHIFT * d[i],  weight[-1] = 0,  d -8..7
 *
 * Two differences a byte, the first in the low half. An even number of inputs.
 */
#ifndef CODEC_DELTA_H
#define CODEC_DELTA_H

#include "codec/rows.h"

typedef codec_rows delta_rows;
#define delta_open codec_open

CODEC_BODY int16_t delta_row(delta_rows *rows) {
    IN_FLASH uint8_t *difference = rows->weight;
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    int8_t weight = 0;
    uint8_t left = rows->inputs / 2;
    do {
        KEEP_COUNTER(left);
        uint8_t two = codec_byte(&difference);
        weight = (int8_t)(weight + low_half(two) * (1 << DELTA_SHIFT));
        sum = codec_add(sum, weight, fetch_u8(&input));
        weight = (int8_t)(weight + low_half(two >> 4) * (1 << DELTA_SHIFT));
        sum = codec_add(sum, weight, fetch_u8(&input));
    } while (--left != 0);
    rows->weight = difference;
    return (int16_t)sum;
}

#endif
