/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COBS (Cheshire and Baker, "Consistent Overhead Byte Stuffing", 1999), receiving side: each block
 * is a code byte n and n - 1 bytes without zeros, and between two blocks stands a zero. (Not behind
 * a block of code 0xFF: but one of those alone is longer than FRAME_PAYLOAD_MAX.) */
#include "wire/frame_receive.h"

#include "contract/frame.h"
#include "wire/crc16.h"
#include "wire/line.h"

frame_received frame_receive(uint8_t *payload, uint8_t capacity) {
    frame_received frame = {0, FRAME_WHOLE, FRAME_CRC_INIT, line_is_full_duplex() ? 0 : 255};
    const uint8_t *start = payload;
    uint8_t left = 1; /* bytes to the next code byte, itself included */
    uint8_t first = 1;
    for (;;) {
        line_byte got = line_get();
        if (got.lost) {
            frame.fault = FRAME_LOST_BYTE;
        }
        if (got.value == FRAME_DELIMITER) {
            break;
        }
        if (--left == 0) {
            left = got.value;
            got.value = 0;
            if (first) {
                first = 0;
                continue;
            }
        }
        if (frame.size == capacity) {
            frame.fault = FRAME_LOST_BYTE;
            continue;
        }
        *payload++ = got.value;
        frame.size++;
        if (line_is_full_duplex() && frame.size > FRAME_CRC_SIZE) {
            const uint8_t *sure = payload - FRAME_CRC_SIZE - 1; /* no part of the frame's CRC */
            frame.crc = crc16_update(frame.crc, sure, 1);
            if (frame.size > FRAME_HEADER_SIZE + FRAME_CRC_SIZE && *sure > frame.highest) {
                frame.highest = *sure;
            }
        }
    }
    if (!line_is_full_duplex() && frame.size > FRAME_CRC_SIZE) {
        frame.crc = crc16_update(frame.crc, start, frame.size - FRAME_CRC_SIZE);
    }
    if (left != 1 && frame.fault == FRAME_WHOLE) {
        frame.fault = FRAME_CUT;
    }
    return frame;
}
