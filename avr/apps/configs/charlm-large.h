/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model for 1 KB of SRAM. */
#define CHARLM_MODEL CHARLM_LARGE
#define GUESSES 452
#define FOLLOWS 256
#define READOUTS 1

#include "charlm/model.h"
