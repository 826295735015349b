/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COBS, sending side. A code byte stands before its block and says how far the next zero is, so the
 * sender looks ahead: it reads each byte once for the CRC, once for that distance and once to send.
 */
#include "wire/frame_send.h"

#include "wire/crc16.h"
#include "wire/line.h"

void frame_send(const frame_header *header, const uint8_t *body, uint8_t size) {
    uint16_t crc = crc16_update(FRAME_CRC_INIT, (const uint8_t *)header, FRAME_HEADER_SIZE);
    crc = crc16_update(crc, body, size);

    /* index: of the payload's byte in hand. ahead: of the next zero, or the payload's end, which
     * counts as one. A block is announced when its zero has been found and the bytes between the
     * two indices are still to be sent. */
    const uint8_t crc_at = (uint8_t)(FRAME_HEADER_SIZE + size);
    const uint8_t end = crc_at + FRAME_CRC_SIZE;
    uint8_t block = 0;
    uint8_t index = 0;
    uint8_t announced = 0;
    for (;;) {
        uint8_t byte = 0;
        if (index < FRAME_HEADER_SIZE) {
            byte = ((const uint8_t *)header)[index];
        } else if (index < crc_at) {
            byte = body[index - FRAME_HEADER_SIZE];
        } else if (index == crc_at) {
            byte = (uint8_t)crc;
        } else if (index != end) {
            byte = (uint8_t)(crc >> 8);
        }
        if (byte) {
            if (announced) {
                line_put(byte);
            }
        } else {
            if (!announced) {
                line_put((uint8_t)(index - block + 1));
                index = block; /* once more over the block, now to send it */
                announced = 1;
                continue;
            }
            announced = 0;
            if (index == end) {
                break;
            }
            block = index + 1;
        }
        index++;
    }
    line_put(FRAME_DELIMITER);
}
