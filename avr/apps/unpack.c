/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpacks what comes over the line, and sends it back: contract/packed.h. The code stands in flash,
 * and in the config that the host writes (kilolearn/codecs/packed_text.py). */
#include APP_CONFIG

#include "apps/packed_line.h"
#include "chip/clock.h"

/* TEXT(read) is lz_read where the config says TEXT_CODEC lz. */
#define JOIN(codec, name) codec##_##name
#define EXPANDED(codec, name) JOIN(codec, name)
#define TEXT(name) EXPANDED(TEXT_CODEC, name)

static TEXT(stream) stream;

/* Apart, so that its cycles can be counted. */
__attribute__((noinline)) uint8_t unpack_next(void) {
    uint8_t byte;
    TEXT(read)(&stream, &byte, 1);
    return byte;
}

static void answer(void) {
    packed_begin();
    uint8_t low = packed_take(), high = packed_take();
    packed_heed(low);
    packed_heed(high);
    tape_open(&stream.tape);
    TEXT(open)(&stream, text_code);
    for (uint16_t left = (uint16_t)(low | (uint16_t)high << 8); left != 0; left--) {
        packed_put(unpack_next());
    }
    packed_end();
}

int main(void) {
    clock_full_speed();
    uart_start();
    for (;;) {
        answer();
    }
}
