/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef __AVR__
#include "apps/charlm_twin.h"

#include APP_CONFIG

_Static_assert(_Alignof(model) == 1,
               "a state has no padding: its wide members are of charlm/state.h");

/* The line of the call in hand. */
static _Thread_local struct {
    uint8_t *put;
    const uint8_t *get;
    uint64_t left;   /* to get */
    uint8_t overrun; /* more was asked for */
} line;

void coder_put(uint8_t byte) {
    *line.put++ = byte;
}

uint8_t coder_get(void) {
    if (line.left == 0) {
        line.overrun = 1;
        return 0;
    }
    line.left--;
    return *line.get++;
}

uint32_t charlm_state_size(void) {
    return sizeof(model);
}

void charlm_start(uint8_t *state) {
    model_start((model *)state, 0);
}

void charlm_encode_start(uint8_t *state) {
    coder_start(&((model *)state)->stream, 0);
}

uint64_t charlm_encode(uint8_t *state, const uint8_t *text, uint64_t size, uint8_t *coded) {
    line.put = coded;
    for (uint64_t i = 0; i < size; i++) {
        model_code((model *)state, text[i]);
    }
    return (uint64_t)(line.put - coded);
}

uint64_t charlm_finish(uint8_t *state, uint8_t *coded) {
    line.put = coded;
    coder_finish(&((model *)state)->stream);
    return (uint64_t)(line.put - coded);
}

static void read_from(const uint8_t *code, uint64_t left) {
    line.get = code;
    line.left = left;
    line.overrun = 0;
}

void charlm_decode_start(uint8_t *state, const uint8_t *code, uint64_t *left) {
    read_from(code, *left);
    coder_start(&((model *)state)->stream, 1);
    *left = line.left;
}

uint64_t charlm_decode(uint8_t *state, const uint8_t *code, uint64_t *left, uint8_t *text,
                       uint64_t size) {
    read_from(code, *left);
    uint64_t done = 0;
    while (done < size) {
        text[done] = model_code((model *)state, 0);
        if (line.overrun) {
            break;
        }
        done++;
    }
    *left = line.left;
    return done;
}

uint8_t charlm_draw(uint8_t *state, uint8_t top_k, uint8_t sharpness) {
#ifdef MODEL_DRAWS
    ((model *)state)->draw = (drawing){top_k, sharpness};
    return 1;
#else
    (void)state, (void)top_k, (void)sharpness;
    return 0;
#endif
}
#endif
