/* SPDX-License-Identifier: GPL-3.0-or-later */
/* examples/python/perceptron.py by hand: the yardstick for that program as bytecode and as
 * ahead-of-time C. A stream of x, y and chance, a byte each; whether y > x is learned, and a tenth
 * of the labels is wrong. Sends the online accuracy in percent, then the weights and the bias.
 *
 * total = bias + sum of weight * sample; error = label - (total >= 0)
 * weight += RATE * error * sample, within a byte; bias += RATE * error */
#include <stdint.h>

#include "chip/clock.h"
#include "chip/halt.h"
#include "chip/uart.h"

#define STEPS 100
#define RATE 10
#define INPUTS 2

static int8_t weight[INPUTS], sample[INPUTS];
static int16_t bias;

/* Functions of their own, as in apps/ahead.c. */
__attribute__((noinline)) static uint8_t serial_read(void) {
    return uart_get().value;
}

__attribute__((noinline)) static void serial_emit(int16_t value) {
    uart_put((uint8_t)value);
    uart_put((uint8_t)((uint16_t)value >> 8));
}

static uint8_t next_sample(void) {
    uint8_t x = serial_read() & 63;
    uint8_t y = serial_read() & 63;
    uint8_t label = y > x;
    if (serial_read() < 26) {
        label ^= 1;
    }
    sample[0] = (int8_t)(x - 32);
    sample[1] = (int8_t)(y - 32);
    return label;
}

static uint8_t predict(void) {
    int16_t total = bias;
    for (uint8_t i = 0; i < INPUTS; i++) {
        total += weight[i] * sample[i];
    }
    return total >= 0;
}

static void train_step(uint8_t label) {
    int8_t error = (int8_t)(label - predict());
    if (error == 0) {
        return;
    }
    for (uint8_t i = 0; i < INPUTS; i++) {
        int16_t moved = weight[i] + RATE * error * sample[i];
        weight[i] = (int8_t)(moved > 127 ? 127 : moved < -128 ? -128 : moved);
    }
    bias += RATE * error;
}

int main(void) {
    clock_full_speed();
    uart_start();
    uint8_t correct = 0;
    for (uint8_t step = 0; step < STEPS; step++) {
        uint8_t label = next_sample();
        uint8_t guess = predict();
        train_step(label);
        correct += guess == label;
    }
    serial_emit(correct * 100 / STEPS);
    for (uint8_t i = 0; i < INPUTS; i++) {
        serial_emit(weight[i]);
    }
    serial_emit(bias);
    chip_halt();
}
