/* SPDX-License-Identifier: GPL-3.0-or-later */
/* heatshrink's decoder with the face of our codecs, so that apps/unpack.c and its line are the same
 * for both. Its source is the peer's own, heatshrink_decoder.c; the config that includes this file
 * says where it lies, HEATSHRINK_STATIC_WINDOW_BITS and HEATSHRINK_STATIC_LOOKAHEAD_BITS. */
#ifndef PEERS_HEATSHRINK_H
#define PEERS_HEATSHRINK_H

#include "codec/tape.h"

#define HEATSHRINK_CONFIG_H /* in place of the peer's own choices */
#define HEATSHRINK_DYNAMIC_ALLOC 0
#define HEATSHRINK_STATIC_INPUT_BUFFER_SIZE 1 /* the line has a buffer already */
#define HEATSHRINK_DEBUGGING_LOGS 0
#define HEATSHRINK_USE_INDEX 0
#include HEATSHRINK_DECODER

typedef struct {
    tape tape;
    heatshrink_decoder decoder;
} heatshrink_stream;

static inline void heatshrink_open(heatshrink_stream *stream, IN_FLASH uint8_t *code) {
    (void)code;
    heatshrink_decoder_reset(&stream->decoder);
}

/* The next `count` bytes. */
static inline void heatshrink_read(heatshrink_stream *stream, uint8_t *to, uint8_t count) {
    size_t got = 0;
    while (heatshrink_decoder_poll(&stream->decoder, to, count, &got), got < count) {
        to += got;
        count -= (uint8_t)got;
        uint8_t byte = tape_byte(&stream->tape);
        heatshrink_decoder_sink(&stream->decoder, &byte, 1, &got);
    }
}

#endif
