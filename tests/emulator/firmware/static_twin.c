/* SPDX-License-Identifier: GPL-3.0-or-later */
/* static_twin.c  linked to typed_variables.c: a static with the name of a global there. */
#include <stdint.h>

static volatile uint8_t u8 __attribute__((used)) = 5;
static volatile uint16_t count __attribute__((used)) = 6;
