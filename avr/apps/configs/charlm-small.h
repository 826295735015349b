/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model for 512 bytes of SRAM. */
#define GUESSES 190
#define FOLLOWS 128
#define READOUTS 1
