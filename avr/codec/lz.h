/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of which many stood already among the last LZ_WINDOW ones.
 *
 * A symbol below LZ_COPY is a byte. Another one says how many bytes to copy, LZ_SHORTEST and more;
 * LZ_WINDOW_BITS bits follow it, how far back they stand, less 1. The symbols are in a Huffman
 * code. No byte of UTF-8 is LZ_COPY or above, so that the two need no bit to be told apart.
 *
 * Before the first byte the window holds zeros. Its places are numbers modulo LZ_WINDOW: no
 * distance leads out of it.
 *
 * Source: Storer, Szymanski, Data compression via textual substitution, JACM 29 (1982).
 */
#ifndef CODEC_LZ_H
#define CODEC_LZ_H

#include <string.h>

#include "codec/huffman.h"

#ifndef LZ_WINDOW_BITS
#define LZ_WINDOW_BITS 7
#endif
#define LZ_WINDOW (1 << LZ_WINDOW_BITS)
#define LZ_COPY 0xF5
#define LZ_SHORTEST 3

_Static_assert(LZ_WINDOW_BITS <= 8, "a place in the window is a byte");

typedef struct {
    tape tape;
    IN_FLASH uint8_t *code;
    uint8_t at;   /* where the next byte goes, modulo LZ_WINDOW */
    uint8_t from; /* where the next copied byte stands, modulo LZ_WINDOW */
    uint8_t left; /* bytes still to be copied */
    uint8_t window[LZ_WINDOW];
} lz_stream;

/* The stream's tape is open. */
KERNEL void lz_open(lz_stream *stream, IN_FLASH uint8_t *code) {
    stream->code = code;
    stream->at = 0;
    stream->left = 0;
    memset(stream->window, 0, sizeof stream->window);
}

/* The next `count` bytes. */
SHARED void lz_read(lz_stream *stream, uint8_t *to, uint8_t count) {
    for (; count != 0; count--) {
        uint8_t byte = 0;
        if (stream->left == 0) {
            byte = huffman_symbol(&stream->tape, stream->code);
            if (byte >= LZ_COPY) {
                stream->left = (uint8_t)(byte - LZ_COPY + LZ_SHORTEST);
                uint8_t back = tape_bits(&stream->tape, LZ_WINDOW_BITS);
                stream->from = (uint8_t)(stream->at - back - 1);
            }
        }
        if (stream->left != 0) {
            stream->left--;
            byte = stream->window[stream->from++ & (LZ_WINDOW - 1)];
        }
        stream->window[stream->at++ & (LZ_WINDOW - 1)] = byte;
        *to++ = byte;
    }
}

#endif
