/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole wire protocol without a learner, for chips that no learner with a line fits: each
 * request whose checksum is right comes back as a reply with its body. */
#include "chip/clock.h"
#include "chip/uart.h"
#include "contract/frame.h"
#include "wire/crc16.h"
#include "wire/frame_receive.h"
#include "wire/frame_send.h"
#include "wire/line.h"

#define BODY_BYTES 22

static struct {
    frame_header header;
    uint8_t body[BODY_BYTES + FRAME_CRC_SIZE];
} frame;

uint8_t line_is_full_duplex(void) {
    return 0;
}

line_byte line_get(void) {
    uart_byte got = uart_get();
    return (line_byte){got.value, got.lost};
}

void line_put(uint8_t byte) {
    uart_put(byte);
}

int main(void) {
    clock_full_speed();
    uart_start();
    uart_put(FRAME_DELIMITER);
    for (;;) {
        uint8_t *payload = (uint8_t *)&frame;
        frame_received got = frame_receive(payload, sizeof frame);
        uint8_t covered = got.size - FRAME_CRC_SIZE;
        if (got.fault != FRAME_WHOLE || got.size < FRAME_HEADER_SIZE + FRAME_CRC_SIZE) {
            continue;
        }
        uint16_t crc = crc16_update(FRAME_CRC_INIT, payload, covered);
        if (payload[covered] == (uint8_t)crc && payload[covered + 1] == crc >> 8) {
            frame.header.command |= COMMAND_REPLY;
            frame_send(&frame.header, frame.body, covered - FRAME_HEADER_SIZE);
        }
    }
}
