/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WIRE_FRAME_SEND_H
#define WIRE_FRAME_SEND_H

#include <stdint.h>

#include "contract/frame.h"

/* Send COBS(header, body, crc) and the delimiter. body (size,), size <= FRAME_BODY_MAX, is read
 * where it lies, three times, and must not change meanwhile; no second buffer is needed. */
void frame_send(const frame_header *header, const uint8_t *body, uint8_t size);

#endif
