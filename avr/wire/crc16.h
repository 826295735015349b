/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WIRE_CRC16_H
#define WIRE_CRC16_H

#include <stdint.h>

/* bytes (size,) into CRC-16/CCITT-FALSE (poly 0x1021, not reflected, no final xor; start with
 * FRAME_CRC_INIT). Over the ASCII text 123456789 it gives 0x29B1. */
uint16_t crc16_update(uint16_t crc, const uint8_t *bytes, uint8_t size);

#endif
