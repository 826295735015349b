/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tape: packed bytes, read once and in order, bit by bit, the highest bit of a byte first.
 *
 * It lies in flash, and after its end come zeros; or the image says TAPE_ON_LINE, and the app has
 * tape_get(), which waits for the next byte. */
#ifndef CODEC_TAPE_H
#define CODEC_TAPE_H

#include <stdint.h>

#include "codec/rows.h"

typedef struct {
    uint8_t window; /* bits not yet taken, from the highest on, then a 1 */
#ifndef TAPE_ON_LINE
    IN_FLASH uint8_t *next;
    uint16_t left; /* bytes from next on */
#endif
} tape;

#define TAPE_EMPTY 0x80

#ifdef TAPE_ON_LINE
uint8_t tape_get(void);

KERNEL void tape_open(tape *from) {
    from->window = TAPE_EMPTY;
}

KERNEL uint8_t tape_byte(tape *from) {
    (void)from;
    return tape_get();
}
#else
KERNEL void tape_open(tape *from, IN_FLASH uint8_t *bytes, uint16_t size) {
    from->window = TAPE_EMPTY;
    from->next = bytes;
    from->left = size;
}

KERNEL uint8_t tape_byte(tape *from) {
    if (from->left == 0) {
        return 0;
    }
    from->left--;
    return codec_byte(&from->next);
}
#endif

/* bits * 2 + the next bit. window is that of the tape, in a register of the caller, who puts it
 * back. */
KERNEL uint8_t tape_bit(tape *from, uint8_t *window, uint8_t bits) {
    uint8_t was = *window;
    *window = (uint8_t)(was << 1);
    if (*window == 0) { /* the bit was the 1 behind the last */
        was = tape_byte(from);
        *window = (uint8_t)(was << 1 | 1);
    }
    bits = (uint8_t)(bits << 1);
    if (was & 0x80) {
        bits++;
    }
    return bits;
}

/* The next `count` bits, 0..8, the first of them the highest. */
SHARED uint8_t tape_bits(tape *from, uint8_t count) {
    uint8_t value = 0;
    uint8_t window = from->window;
    for (; count != 0; count--) {
        value = tape_bit(from, &window, value);
    }
    from->window = window;
    return value;
}

#endif
