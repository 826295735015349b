/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights -7..7 in a Huffman code: the likelier a pair of neighbours, the fewer bits.
 *
 * bytes: the code (codec/huffman.h), whose symbols are two weights each, the first in the low half,
 * and the rows on one tape. An even number of inputs.
 */
#ifndef CODEC_HUFFMAN_WEIGHTS_H
#define CODEC_HUFFMAN_WEIGHTS_H

#include "codec/huffman.h"

typedef struct {
    tape tape;
    IN_FLASH uint8_t *code;
    const uint8_t *input;
    uint8_t inputs;
} huffman_weights_rows;

KERNEL void huffman_weights_open(huffman_weights_rows *rows, IN_FLASH uint8_t *bytes,
                                 const uint8_t *input, uint8_t inputs) {
    rows->code = bytes;
    rows->input = input;
    rows->inputs = inputs;
    IN_FLASH uint8_t *symbol = bytes + HUFFMAN_LONGEST;
    for (uint8_t left = HUFFMAN_LONGEST; left != 0; left--) {
        symbol += codec_byte(&bytes);
    }
    tape_open(&rows->tape, symbol, UINT16_MAX); /* linked together: its end is the last row's */
}

CODEC_BODY int16_t huffman_weights_row(huffman_weights_rows *rows) {
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    uint8_t left = rows->inputs / 2;
    do {
        uint8_t two = huffman_symbol(&rows->tape, rows->code);
        uint8_t half = 2;
        do {
            KEEP_COUNTER(half);
            sum = codec_add(sum, low_half(two), fetch_u8(&input));
            two >>= 4;
        } while (--half != 0);
    } while (--left != 0);
    return (int16_t)sum;
}

#endif
