/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mmcu_notes.c  carries simavr's notes about chip and clock, which are never programmed. */
#include <stdint.h>

/* {tag, length, value}; a name is padded to 64 bytes (simavr avr_mcu_section.h). */
const struct {
    uint8_t tag, length;
    char name[64];
} noted_name __attribute__((section(".mmcu"), used)) = {1, 64, "atmega88p"};
const struct __attribute__((packed)) {
    uint8_t tag, length;
    uint32_t hz;
} noted_clock __attribute__((section(".mmcu"), used)) = {2, 4, 7372800};

int main(void) {
    for (;;) {}
}
