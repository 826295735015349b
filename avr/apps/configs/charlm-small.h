/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model for 512 bytes of SRAM. */
#define CHARLM_MODEL CHARLM_SMALL
#define GUESSES 190
#define FOLLOWS 128
#define READOUTS 1

#include "charlm/model.h"
