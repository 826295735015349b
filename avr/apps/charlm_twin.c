/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef __AVR__
#include "apps/charlm_twin.h"

#include APP_CONFIG

static model net;
static uint8_t *put_next;
static const uint8_t *get_next;
static uint64_t room_left; /* for what is put, or of what is got */
static uint8_t overrun;

void coder_put(uint8_t byte) {
    if (room_left == 0) {
        overrun = 1;
        return;
    }
    *put_next++ = byte;
    room_left--;
}

uint8_t coder_get(void) {
    if (room_left == 0) {
        overrun = 1;
        return 0;
    }
    room_left--;
    return *get_next++;
}

uint32_t charlm_state_size(void) {
    return sizeof net;
}

uint64_t charlm_encode(const uint8_t *text, uint64_t size, uint8_t *coded, uint64_t room) {
    put_next = coded;
    room_left = room;
    overrun = 0;
    model_start(&net, 0);
    for (uint64_t i = 0; i < size && !overrun; i++) {
        model_code(&net, text[i]);
    }
    coder_finish(&net.stream);
    return overrun ? 0 : room - room_left;
}

void charlm_decode_start(const uint8_t *coded, uint64_t size) {
    get_next = coded;
    room_left = size;
    overrun = 0;
    model_start(&net, 1);
}

uint64_t charlm_decode(uint8_t *text, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        uint8_t byte = model_code(&net, 0);
        if (overrun) {
            return i;
        }
        text[i] = byte;
    }
    return size;
}

uint64_t charlm_decode_left(void) {
    return room_left;
}
#endif
