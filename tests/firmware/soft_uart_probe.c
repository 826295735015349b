/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uart.h on any chip: sends back each byte, or the error's number where one was lost, with
 * -DBURST=n first n of them without a pause between. */
#include "chip/clock.h"
#include "chip/uart.h"

#define LOST 0xEE

#ifndef BURST
#define BURST 1
#endif

static uint8_t kept[BURST];

int main(void) {
    clock_full_speed();
    uart_start();
    for (;;) {
        for (uint8_t i = 0; i < BURST; i++) {
            uart_byte got = uart_get();
            kept[i] = got.lost ? LOST : got.value;
        }
        for (uint8_t i = 0; i < BURST; i++) {
            uart_put(kept[i]);
        }
    }
}
