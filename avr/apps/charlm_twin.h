/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model on the host: the same talk, with memory for a line. Its state is the caller's memory,
 * (charlm_state_size(),) bytes of any alignment, and is the chip's, byte for byte. */
#ifndef APPS_CHARLM_TWIN_H
#define APPS_CHARLM_TWIN_H

#include <stdint.h>

/* Bytes of the model: all that it learns, remembers and codes with. */
uint32_t charlm_state_size(void);

/* A model that has seen nothing, encoding. */
void charlm_start(uint8_t *state);

/* Encode from here on. */
void charlm_encode_start(uint8_t *state);

/* text (size,) into coded, which has room for what the model can make of it at most. Returns the
 * bytes coded. */
uint64_t charlm_encode(uint8_t *state, const uint8_t *text, uint64_t size, uint8_t *coded);

/* The last bytes coded, at most CODE_BYTES of charlm/coder.h. */
uint64_t charlm_finish(uint8_t *state, uint8_t *coded);

/* Decode from here on. Both read code (*left,), and leave in *left how much has not been read. */
void charlm_decode_start(uint8_t *state, const uint8_t *code, uint64_t *left);

/* The next bytes of the text. Returns how many: fewer than asked for where the code ends. */
uint64_t charlm_decode(uint8_t *state, const uint8_t *code, uint64_t *left, uint8_t *text,
                       uint64_t size);

/* How to draw, as CHARLM_DRAW. Returns 0 when the model draws only as it predicts. */
uint8_t charlm_draw(uint8_t *state, uint8_t top_k, uint8_t sharpness);

#endif
