/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model as a compressor on the line: contract/charlm.h is what it says. */
#include APP_CONFIG

#include "contract/charlm.h"
#include "chip/clock.h"
#include "chip/uart.h"

model net;

void coder_put(uint8_t byte) {
    uart_put(CHARLM_PUT);
    uart_put(byte);
}

uint8_t coder_get(void) {
    uart_put(CHARLM_GET);
    return uart_get().value;
}

/* A byte; apart from main, so that its cycles can be counted. */
__attribute__((noinline)) uint8_t charlm_code(uint8_t byte) {
    return model_code(&net, byte);
}

int main(void) {
    clock_full_speed();
    uart_start();
    for (;;) {
        uint8_t request = uart_get().value;
        uint8_t byte = 0;
        uint8_t said = CHARLM_DONE;
        if (request == CHARLM_ENCODE || request == CHARLM_DECODE) {
            model_start(&net, request == CHARLM_DECODE);
        } else if (request == CHARLM_CODE) {
            byte = charlm_code(uart_get().value);
        } else if (request == CHARLM_FINISH) {
            coder_finish(&net.stream);
        } else {
            said = CHARLM_REFUSED;
        }
        uart_put(said);
        uart_put(byte);
    }
}
