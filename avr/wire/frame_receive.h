/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WIRE_FRAME_RECEIVE_H
#define WIRE_FRAME_RECEIVE_H

#include <stdint.h>

enum {
    FRAME_WHOLE = 0,    /* the CRC is still to be checked */
    FRAME_CUT = 1,      /* the delimiter came inside a COBS block */
    FRAME_LOST_BYTE = 2 /* the line lost or spoilt a byte, or the payload outgrew the buffer */
};

typedef struct {
    uint8_t size;    /* bytes of payload kept, at most the capacity */
    uint8_t fault;   /* FRAME_... */
    uint16_t crc;    /* of all but the last FRAME_CRC_SIZE bytes, where the frame has more */
    uint8_t highest; /* no byte of the body is above; 255 where there was no time to look */
} frame_received;

/* Wait for the next delimiter and undo COBS on the way, straight into payload (capacity,).
 * Whatever is on the line, the next frame starts after the next 0x00.
 * An empty frame is {0, FRAME_WHOLE}. */
frame_received frame_receive(uint8_t *payload, uint8_t capacity);

#endif
