/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef APPS_SERVE_TWIN_H
#define APPS_SERVE_TWIN_H

#include <stddef.h>
#include <stdint.h>

/* As after power-up. */
void serve_twin_start(void);

/* What the chip's line would carry. in (in_size,) is what the host sends, up to its last 0x00;
 * lost (in_size,) marks bytes that come with the UART's error flags, or is NULL.
 * Returns the bytes sent back, of which out (out_size,) takes the first. */
size_t serve_twin(const uint8_t *in, const uint8_t *lost, size_t in_size, uint8_t *out,
                  size_t out_size);

/* The line alone, to test wire/ without a learner: from here on line_get reads in, behind whose end
 * come delimiters, and line_put fills out. */
void line_twin_open(const uint8_t *in, const uint8_t *lost, size_t in_size, uint8_t *out,
                    size_t out_size);

/* Bytes that line_put was given since then. */
size_t line_twin_sent(void);

#endif
