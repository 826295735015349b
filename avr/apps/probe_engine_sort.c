/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Benchmark of the engine: loads and stores. 1 KB of random bytes sorted by insertion, ROUNDS
 * times; the checksum takes every sorted byte. ATmega328P. */
#include "apps/probe_engine.h"

#define BYTES 1024
#define ROUNDS 20

static uint8_t bytes[BYTES];

static void insertion_sort(void) {
    for (uint16_t i = 1; i < BYTES; i++) {
        const uint8_t value = bytes[i];
        uint16_t at = i;
        while (at > 0 && bytes[at - 1] > value) {
            bytes[at] = bytes[at - 1];
            at--;
        }
        bytes[at] = value;
    }
}

int main(void) {
    uart_start();
    uint16_t random = 0x1D2C;
    uint32_t hash = 2166136261UL;
    for (uint8_t round = 0; round < ROUNDS; round++) {
        for (uint16_t i = 0; i < BYTES; i++) {
            bytes[i] = (uint8_t)next_random(&random);
        }
        insertion_sort();
        for (uint16_t i = 0; i < BYTES; i++) {
            hash = mix(hash, bytes[i]);
        }
    }
    finish(hash);
}
