/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model for 8 KB of flash and 512 bytes of SRAM, the stack among them: ATtiny85. */
#define CHARLM_MODEL CHARLM_TINY
#define PRIOR_TINY
#define GUESSES 196
#define FOLLOWS 64
#define READOUTS 0

#include "charlm/model.h"
