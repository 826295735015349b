/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Milliseconds since the start, from timer 0. */
#include <stdint.h>

void ticks_start(void);

/* It wraps every 65.5 seconds: compare differences. */
uint16_t ticks_now(void);
