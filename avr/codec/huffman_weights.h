/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights, int8, in a Huffman code: the likelier a weight, the fewer bits.
 *
 * bytes: the code (codec/huffman.h), whose symbols are weights, and the rows on one tape.
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

SHARED int16_t huffman_weights_row(huffman_weights_rows *rows) {
    const uint8_t *input = rows->input;
    uint16_t sum = 0;
    uint8_t left = rows->inputs;
    do {
        int8_t weight = (int8_t)huffman_symbol(&rows->tape, rows->code);
        sum = codec_add(sum, weight, fetch_u8(&input));
    } while (--left != 0);
    return (int16_t)sum;
}

#endif
