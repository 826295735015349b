/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kilobyte/digits_net.h"

#include <avr/io.h>

#include "chip/uart.h"

#define CLOCK 0
#define RESET 1

__attribute__((OS_main)) int main(void) {
    uart_start();
    DDRB |= _BV(CLOCK) | _BV(RESET);
    for (;;) {
        for (uint8_t at = 0; at < DIGITS_IMAGE_BYTES;) {
            uart_byte got = uart_get();
            image[at++] = got.value;
            if (got.lost) {
                at = 0;
            }
        }
        uint8_t digit = digits_classify();
        uart_put((uint8_t)('0' + digit));
        PORTB |= _BV(RESET);
        PORTB &= (uint8_t)~_BV(RESET);
        while (digit-- != 0) {
            PORTB |= _BV(CLOCK);
            PORTB &= (uint8_t)~_BV(CLOCK);
        }
    }
}
