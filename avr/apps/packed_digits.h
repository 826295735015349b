/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 8 x 8 digits, packed: what apps/packed_digits.c learns from.
 *
 * A tape holds DIGITS records, each a label of four bits and an image in the code of its config,
 * which is written by the host (kilolearn/codecs/packed_digits.py) with the tape in it. */
#ifndef APPS_PACKED_DIGITS_H
#define APPS_PACKED_DIGITS_H

#include <stdint.h>

#include "apps/learner.h"

/* To the tape's begin. */
void packed_digits_rewind(void);

/* The next record: its image (64,) 0..16; returns its label, which may be any of four bits. */
uint8_t packed_digits_read(uint8_t *image);

#endif
