/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model on the host: the same talk, with memory for a line. One stream at a time. */
#ifndef APPS_CHARLM_TWIN_H
#define APPS_CHARLM_TWIN_H

#include <stdint.h>

/* Bytes of the model: all that it learns, remembers and codes with. */
uint32_t charlm_state_size(void);

/* text (size,) into coded (room,). Returns the bytes coded, or 0 when there is no room. */
uint64_t charlm_encode(const uint8_t *text, uint64_t size, uint8_t *coded, uint64_t room);

/* Starts on coded (size,), which must outlive the decoding. */
void charlm_decode_start(const uint8_t *coded, uint64_t size);

/* The next bytes of the text. Returns how many: fewer than asked for where the coded ones end. */
uint64_t charlm_decode(uint8_t *text, uint64_t size);

/* Coded bytes that nothing has asked for. */
uint64_t charlm_decode_left(void);

#endif
