/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The talk of apps/unpack.c and of apps/packed_digits.c with its tape on the line.
 *
 *   host   to unpack: how many bytes are packed, u16, from 1 on; to packed_digits nothing
 *   chip   any number of PACKED_PUT and a byte, and of PACKED_GET, which the host answers with the
 *          next PACKED_PIECE bytes of the tape, zeros after its end; at last PACKED_DONE, or
 *          PACKED_LOST where the UART has lost or spoilt a byte, and a check u16
 *
 * packed_digits takes its tape once for each epoch, a byte after the other, and puts its weights.
 *
 * The check is the CRC-16 of frame.h over every byte in either direction, as the chip heard and
 * said it. Nothing counts before it.
 */
#ifndef CONTRACT_PACKED_H
#define CONTRACT_PACKED_H

#define PACKED_DONE 0x00
#define PACKED_PUT 0x01
#define PACKED_GET 0x02
#define PACKED_LOST 0x04

#define PACKED_PIECE 16

#endif
