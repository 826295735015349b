/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep learning and a language model in one image. Learns exclusive or (thimble.h) and sends its
 * four answers; then counts which letter follows which in a text in flash, and sends LETTERS_SENT
 * letters drawn by those counts.
 *
 *   P(next = b | now = a) = count[a][b] / sum over k of count[a][k]
 *
 * A letter is its code's low five bits: 0 is the space, 1..26 are a..z. The text is read as a
 * circle with a space between its end and its beginning, so every letter has a successor. */
#include <avr/io.h>
#include <stdint.h>

#include "chip/halt.h"
#include "chip/uart.h"
#include "fixed/flash.h"
#include "kilobyte/thimble_learn.h"

#define LETTERS 27
#define ROW 32 /* a power of 2: no multiplication finds it */
#define LETTERS_SENT 300
#define DRAW_MASK 63 /* more than any letter is counted: checked by the test */
#define SHIFT_TAPS 0xB400

static const char text[] FLASH =
    "she sells sea shells by the sea shore and the shells that she sells are the shells of the "
    "shore she saw the other day when the sun rose over the hills and the wind sang in the trees";

uint8_t count[LETTERS][ROW];

static void count_pairs(void) {
    const uint8_t *next = (const uint8_t *)text;
    uint8_t now = 0;
    uint8_t code;
    do {
        code = flash_u8(&next); /* the end of the text, 0, is a space too */
        uint8_t letter = code & 31;
        count[now][letter]++;
        now = letter;
    } while (code);
}

/* Eight bits of a shift register with the taps x^16 + x^14 + x^13 + x^11 + 1: its 65,535 states
 * other than 0 come once each. The generator of the weights is no good here: its bytes follow one
 * another too regularly, which a chi-square test over the pairs sees at once. */
static uint8_t shift_byte(void) {
    for (uint8_t bits = 8; bits; bits--) {
        uint8_t out = seed & 1;
        seed >>= 1;
        if (out) {
            seed ^= SHIFT_TAPS;
        }
    }
    return (uint8_t)seed;
}

/* A letter after `now`: a number below the row's sum picks it; a higher one is drawn again. */
static uint8_t draw_letter(uint8_t now) {
    for (;;) {
        uint8_t left = shift_byte() & DRAW_MASK;
        for (uint8_t letter = 0; letter < LETTERS; letter++) {
            uint8_t counted = count[now][letter];
            if (left < counted) {
                return letter;
            }
            left -= counted;
        }
    }
}

int main(void) {
    uart_start();
    uint8_t answers = learn();
    for (uint8_t pattern = 0; pattern < 4; pattern++) {
        uart_put('0' + (answers & 1));
        answers >>= 1;
    }
    count_pairs();
    seed |= 1;
    uint8_t letter = 0;
    for (uint16_t left = LETTERS_SENT; left; left--) {
        uart_put(letter ? letter | 0x60 : ' ');
        letter = draw_letter(letter);
    }
    chip_halt();
}
