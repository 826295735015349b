/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statics.c  fills each memory with as many bytes as the build asks for. */
#include <avr/eeprom.h>
#include <avr/pgmspace.h>
#include <stdint.h>

#ifdef BSS
volatile uint8_t zeroed[BSS];
#endif
#ifdef DATA
volatile uint8_t initialised[DATA] = {1};
#endif
#ifdef FLASH
const uint8_t constants[FLASH] PROGMEM __attribute__((used)) = {1};
#endif
#ifdef EEPROM
uint8_t stored[EEPROM] EEMEM __attribute__((used)) = {1};
#endif

int main(void) {
    for (;;) {}
}
