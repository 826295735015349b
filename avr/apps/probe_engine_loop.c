/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Benchmark of the engine: plain integer code. Lengths of the Collatz sequences
 * n -> n / 2 (even), 3 n + 1 (odd) of n = 1..STARTS in 32 bits, each folded into the checksum.
 * ATmega328P. */
#include "apps/probe_engine.h"

#define STARTS 12000

static uint16_t collatz_length(uint16_t start) {
    uint32_t n = start;
    uint16_t length = 1;
    while (n != 1) {
        n = n & 1 ? 3 * n + 1 : n >> 1;
        length++;
    }
    return length;
}

int main(void) {
    uart_start();
    uint32_t hash = 2166136261UL;
    for (uint16_t start = 1; start <= STARTS; start++) {
        hash = mix(hash, (uint8_t)collatz_length(start));
    }
    finish(hash);
}
