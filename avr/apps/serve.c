/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main() of every learner image: the chip's side of the serial line. */
#include "apps/serve_requests.h"
#include "chip/clock.h"
#include "chip/uart.h"
#include "contract/frame.h"
#include "wire/line.h"

uint8_t line_is_full_duplex(void) {
    return uart_is_full_duplex();
}

line_byte line_get(void) {
    uart_byte got = uart_get_queued();
    return (line_byte){got.value, got.lost};
}

void line_put(uint8_t byte) {
    uart_put_queued(byte);
}

int main(void) {
    clock_full_speed();
    serve_start();
    uart_start();
    uart_put(FRAME_DELIMITER);
    for (;;) {
        serve_request();
    }
}
