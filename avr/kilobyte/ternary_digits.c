/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells handwritten digits. Pins, on ATtiny13A and 85:
 *
 *   PB3, PB4  the serial line, in and out: 32 bytes of an image in, the digit out in ASCII
 *   PB1, PB0  reset and clock of a decade counter (CD4017)
 *             whose output of the digit's number is then high
 *
 * A byte without its stop bit, a break, begins the image anew.
 */
#include <avr/io.h>

#include "chip/clock.h"
#include "chip/uart.h"
#include "kilobyte/ternary_digits_net.h"

#define COUNTER_CLOCK PB0
#define COUNTER_RESET PB1

static void receive_image(void) {
    uint8_t at = 0;
    do {
        uart_byte got = uart_get();
        image[at] = got.value;
        at = got.lost ? 0 : at + 1;
    } while (at != DIGITS_IMAGE_BYTES);
}

static void show(uint8_t digit) {
    PORTB |= _BV(COUNTER_RESET);
    PORTB &= (uint8_t)~_BV(COUNTER_RESET);
    for (; digit != 0; digit--) {
        PORTB |= _BV(COUNTER_CLOCK);
        PORTB &= (uint8_t)~_BV(COUNTER_CLOCK);
    }
}

/* OS_main: nobody called, so no register has to be saved in 64 bytes of SRAM. */
__attribute__((OS_main)) int main(void) {
    clock_full_speed();
    uart_start();
    DDRB |= _BV(COUNTER_CLOCK);
    DDRB |= _BV(COUNTER_RESET);
    for (;;) {
        receive_image();
        uint8_t digit = digits_classify();
        show(digit);
        uart_put((uint8_t)('0' + digit));
    }
}
