/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A character model on the line: contract/charlm.h is what it says. */
#include APP_CONFIG

#include "contract/charlm.h"
#include "apps/charlm_checkpoint.h"
#include "chip/clock.h"
#include "chip/uart.h"
#include "wire/crc16.h"

model net;

static struct {
    uint16_t check;
    uint8_t lost;                /* not 0: by the UART, since the request */
    uint8_t read;                /* bytes of the piece that the decoder has had */
    uint8_t piece[CHARLM_PIECE]; /* encoding: of text; decoding: of code */
} talk;

__attribute__((noinline)) static uint8_t heed(uint8_t byte) {
    talk.check = crc16_update(talk.check, &byte, 1);
    return byte;
}

static uint8_t take(void) {
    uart_byte got = uart_get();
    talk.lost |= got.lost;
    return got.value;
}

static void say(uint8_t byte) {
    uart_put(heed(byte));
}

/* The bytes of a request come without a gap, for whose check a UART of two pins has no time: they
 * are taken first, and then heeded. */
static void take_all(uint8_t *to, uint16_t size) {
    while (size--) {
        *to++ = take();
    }
}

static void heed_all(const uint8_t *from, uint16_t size) {
    while (size--) {
        heed(*from++);
    }
}

void coder_put(uint8_t byte) {
    say(CHARLM_PUT);
    say(byte);
}

uint8_t coder_get(void) {
    if (talk.read == CHARLM_PIECE) {
        say(CHARLM_GET);
        take_all(talk.piece, CHARLM_PIECE);
        heed_all(talk.piece, CHARLM_PIECE);
        talk.read = 0;
    }
    return talk.piece[talk.read++];
}

/* A byte; apart, so that its cycles can be counted. */
__attribute__((noinline)) uint8_t charlm_code(uint8_t byte) {
    return model_code(&net, byte);
}

static void code_all(uint8_t count) {
    for (uint8_t i = 0; i < count; i++) {
        if (net.stream.decoding) {
            coder_put(charlm_code(0));
        } else {
            charlm_code(talk.piece[i]);
        }
        checkpoint_count(&net);
    }
}

/* Takes and heeds a whole request: in *count, what stands behind CHARLM_CODE. */
static uint8_t hear(uint8_t *count) {
    uint8_t request = take();
    uint8_t *to = (uint8_t *)&net;
    uint16_t size = 0;
    if (request == CHARLM_CODE) {
        *count = take();
        to = talk.piece;
        if (!net.stream.decoding) {
            size = *count = *count > CHARLM_PIECE ? CHARLM_PIECE : *count;
        }
    } else if (request == CHARLM_RESTORE) {
        size = sizeof net;
#ifdef MODEL_DRAWS
    } else if (request == CHARLM_DRAW) {
        to = (uint8_t *)&net.draw;
        size = sizeof net.draw;
#endif
#ifdef SLOTS_PLACE
    } else if (request == CHARLM_EVERY) {
        to = (uint8_t *)&kept.progress.every;
        size = sizeof kept.progress.every;
#endif
    }
    take_all(to, size);
    heed(request);
    if (request == CHARLM_CODE) {
        heed(*count);
    }
    heed_all(to, size);
    return request;
}

static uint8_t answer(void) {
    const uint8_t *state = (const uint8_t *)&net;
    uint8_t count;
    uint8_t request = hear(&count);
    if (request == CHARLM_START) {
        model_start(&net, 0);
        checkpoint_begin();
    } else if (request == CHARLM_ENCODE || request == CHARLM_DECODE) {
        talk.read = CHARLM_PIECE;
        coder_start(&net.stream, request == CHARLM_DECODE);
    } else if (request == CHARLM_CODE) {
        code_all(count);
    } else if (request == CHARLM_FINISH) {
        if (net.stream.decoding) {
            coder_put(CHARLM_PIECE - talk.read);
        } else {
            coder_finish(&net.stream);
        }
    } else if (request == CHARLM_SAVE) {
        for (uint16_t left = sizeof net; left > 0; left--) {
            coder_put(*state++);
        }
#ifdef SLOTS_PLACE
    } else if (request == CHARLM_RESTORE) {
        checkpoint_begin();
    } else if (request == CHARLM_CHECKPOINT) {
        checkpoint_make(&net);
        checkpoint_tell();
    } else if (request == CHARLM_EVERY) {
        checkpoint_wait();
#endif
#ifdef MODEL_DRAWS
    } else if (request != CHARLM_RESTORE && request != CHARLM_DRAW) {
#else
    } else if (request != CHARLM_RESTORE) {
#endif
        return CHARLM_REFUSED;
    }
    return talk.lost ? CHARLM_LOST : CHARLM_DONE;
}

int main(void) {
    clock_full_speed();
    model_start(&net, 0);
    checkpoint_power_up(&net);
    uart_start();
    for (;;) {
        talk.check = CHARLM_MODEL;
        talk.lost = 0;
        say(answer());
        uart_put((uint8_t)talk.check);
        uart_put((uint8_t)(talk.check >> 8));
    }
}
