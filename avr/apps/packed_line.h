/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chip's side of contract/packed.h: a tape on the line, for the one app that includes it. */
#ifndef APPS_PACKED_LINE_H
#define APPS_PACKED_LINE_H

#include "chip/uart.h"
#include "codec/tape.h"
#include "contract/frame.h"
#include "contract/packed.h"
#include "wire/crc16.h"

static struct {
    uint16_t check;
    uint8_t lost; /* not 0: a byte, by the UART */
    uint8_t read; /* bytes of the piece that the tape has had */
    uint8_t piece[PACKED_PIECE];
} line;

__attribute__((noinline)) static void packed_heed(uint8_t byte) {
    line.check = crc16_update(line.check, &byte, 1);
}

/* Not heeded: the bytes of a piece come without a gap. */
static uint8_t packed_take(void) {
    uart_byte got = uart_get();
    line.lost |= got.lost;
    return got.value;
}

static void packed_say(uint8_t byte) {
    packed_heed(byte);
    uart_put(byte);
}

static void packed_begin(void) {
    line.check = FRAME_CRC_INIT;
    line.lost = 0;
    line.read = PACKED_PIECE;
}

static void packed_put(uint8_t byte) {
    packed_say(PACKED_PUT);
    packed_say(byte);
}

static void packed_end(void) {
    packed_say(line.lost ? PACKED_LOST : PACKED_DONE);
    uint16_t check = line.check;
    uart_put((uint8_t)check);
    uart_put((uint8_t)(check >> 8));
}

/* Apart, so that its cycles can be counted. */
__attribute__((noinline)) uint8_t tape_get(void) {
    if (line.read == PACKED_PIECE) {
        packed_say(PACKED_GET);
        for (uint8_t i = 0; i < PACKED_PIECE; i++) {
            line.piece[i] = packed_take();
        }
        for (uint8_t i = 0; i < PACKED_PIECE; i++) {
            packed_heed(line.piece[i]);
        }
        line.read = 0;
    }
    return line.piece[line.read++];
}

#endif
