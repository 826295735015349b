/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in a canonical Huffman code of at most HUFFMAN_LONGEST bits.
 *
 * code: (HUFFMAN_LONGEST,) how many codes have a length of 1, 2, ... bits, then the symbols,
 * shorter codes first. Codes of one length are consecutive numbers, and the first of a length is
 * (the last of the length before + 1) * 2. So the decoder keeps one number, how far the bits that
 * it has lie above the first code of their length, and needs no table of codes.
 *
 * The code is complete: any bits are symbols. Then no length has more prefixes that go on than
 * there are symbols left, two bits of them at most 256 numbers, and a byte holds that number.
 *
 * Source: Schwartz, Kallick, Generating a canonical prefix encoding, CACM 7 (1964).
 */
#ifndef CODEC_HUFFMAN_H
#define CODEC_HUFFMAN_H

#include "codec/tape.h"

#define HUFFMAN_LONGEST 15

typedef struct {
    tape tape;
    IN_FLASH uint8_t *code;
} huffman_stream;

SHARED uint8_t huffman_symbol(tape *from, IN_FLASH uint8_t *code) {
    IN_FLASH uint8_t *symbol = code + HUFFMAN_LONGEST;
    uint8_t above = 0;
    uint8_t window = from->window;
    for (;;) {
        uint8_t codes = codec_byte(&code);
        above = tape_bit(from, &window, above);
        if (above < codes) {
            break;
        }
        above = (uint8_t)(above - codes);
        symbol += codes;
    }
    from->window = window;
    return symbol[above];
}

/* The stream's tape is open. */
KERNEL void huffman_open(huffman_stream *stream, IN_FLASH uint8_t *code) {
    stream->code = code;
}

/* The next `count` bytes. */
SHARED void huffman_read(huffman_stream *stream, uint8_t *to, uint8_t count) {
    for (; count != 0; count--) {
        *to++ = huffman_symbol(&stream->tape, stream->code);
    }
}

#endif
