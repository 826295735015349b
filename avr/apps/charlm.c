/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A character model on the line: contract/charlm.h is what it says. */
#include APP_CONFIG

#include "contract/charlm.h"
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

static uint8_t hear(void) {
    uart_byte got = uart_get();
    talk.lost |= got.lost;
    return heed(got.value);
}

static void say(uint8_t byte) {
    uart_put(heed(byte));
}

static void hear_all(uint8_t *to, uint16_t size) {
    while (size--) {
        *to++ = hear();
    }
}

void coder_put(uint8_t byte) {
    say(CHARLM_PUT);
    say(byte);
}

uint8_t coder_get(void) {
    if (talk.read == CHARLM_PIECE) {
        say(CHARLM_GET);
        hear_all(talk.piece, CHARLM_PIECE);
        talk.read = 0;
    }
    return talk.piece[talk.read++];
}

/* A byte; apart, so that its cycles can be counted. */
__attribute__((noinline)) uint8_t charlm_code(uint8_t byte) {
    return model_code(&net, byte);
}

static void code_all(uint8_t count) {
    if (net.stream.decoding) {
        while (count--) {
            coder_put(charlm_code(0));
        }
    } else {
        count = count > CHARLM_PIECE ? CHARLM_PIECE : count;
        hear_all(talk.piece, count);
        for (uint8_t i = 0; i < count; i++) {
            charlm_code(talk.piece[i]);
        }
    }
}

static uint8_t answer(uint8_t request) {
    uint8_t *state = (uint8_t *)&net;
    if (request == CHARLM_START) {
        model_start(&net, 0);
    } else if (request == CHARLM_ENCODE || request == CHARLM_DECODE) {
        talk.read = CHARLM_PIECE;
        coder_start(&net.stream, request == CHARLM_DECODE);
    } else if (request == CHARLM_CODE) {
        code_all(hear());
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
    } else if (request == CHARLM_RESTORE) {
        hear_all(state, sizeof net);
#ifdef MODEL_DRAWS
    } else if (request == CHARLM_DRAW) {
        hear_all((uint8_t *)&net.draw, sizeof net.draw);
#endif
    } else {
        return CHARLM_REFUSED;
    }
    return talk.lost ? CHARLM_LOST : CHARLM_DONE;
}

int main(void) {
    clock_full_speed();
    model_start(&net, 0);
    uart_start();
    for (;;) {
        talk.check = CHARLM_MODEL;
        talk.lost = 0;
        say(answer(hear()));
        uart_put((uint8_t)talk.check);
        uart_put((uint8_t)(talk.check >> 8));
    }
}
