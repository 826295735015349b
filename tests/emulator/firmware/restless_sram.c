// SPDX-License-Identifier: GPL-3.0-or-later
// Fills nearly all of SRAM with new random bytes again and again: the worst to compress.
#include <avr/io.h>
#include <stdint.h>

#define BYTES (RAMEND - 0x100 - 200)
uint8_t noise[BYTES];

int main(void) {
    uint16_t state = 1; // a xorshift of period 65,535
    for (;;) {
        for (uint16_t i = 0; i < BYTES; i++) {
            state ^= state << 7;
            state ^= state >> 9;
            state ^= state << 8;
            noise[i] = state;
        }
    }
}
