/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The talk of apps/charlm.c, and the files that the host makes of it.
 *
 *   host   a request
 *   chip   any number of CHARLM_PUT and a byte, and of CHARLM_GET, which the host answers with
 *          CHARLM_PIECE bytes; at last CHARLM_DONE, CHARLM_LOST or CHARLM_REFUSED, and a check u16
 *
 *   CHARLM_START                     a model that has seen nothing, encoding
 *   CHARLM_ENCODE                    encode from here on
 *   CHARLM_DECODE                    decode from here on; gets code
 *   CHARLM_CODE n, n bytes of text   encoding, n 1..CHARLM_PIECE; puts code
 *   CHARLM_CODE n                    decoding, n 1..255; puts n bytes of text, gets code
 *   CHARLM_FINISH                    encoding: puts the last code; decoding: puts how many bytes
 *                                    of the last piece have not been read
 *   CHARLM_DRAW top_k u8, sharpness u8    decoding: how to draw (charlm/draw.h)
 *   CHARLM_SAVE                      puts the state: the bytes of the model's struct
 *   CHARLM_RESTORE, the state
 *   CHARLM_CHECKPOINT                keeps the state through a power cut; puts a checkpoint_reply
 *   CHARLM_EVERY n u16               does so by itself after each n bytes coded, 0 for none
 *
 * The last two are of images that keep checkpoints (checkpoint.h), whose `weights` are the state,
 * `steps` bytes coded since CHARLM_START or CHARLM_RESTORE, and whose CRC is over model u8,
 * CHARLM_VERSION u8, the payload and the sequence. EVERY outlives START and the power.
 *
 * The check is the CRC-16 of frame.h over every byte since the request, in either direction, as the
 * chip heard and said it, but it starts with the model's number: the host, which computes it too,
 * notices a lost, doubled or changed byte, and a chip with another model. Nothing of an answer
 * counts before its check. A frame of frame.h does not fit: the chip has no room to hold a
 * request's coded bytes until it knows how many they are.
 *
 *   text file     charlm_header, coded bytes: by one model from its start, CHARLM_FINISH included
 *   state file    charlm_header, the state
 */
#ifndef CONTRACT_CHARLM_H
#define CONTRACT_CHARLM_H

#include <stdint.h>

#define CHARLM_START 0x4E
#define CHARLM_ENCODE 0x45
#define CHARLM_DECODE 0x44
#define CHARLM_CODE 0x43
#define CHARLM_FINISH 0x46
#define CHARLM_DRAW 0x57
#define CHARLM_SAVE 0x53
#define CHARLM_RESTORE 0x52
#define CHARLM_CHECKPOINT 0x4B
#define CHARLM_EVERY 0x59

#define CHARLM_DONE 0x00
#define CHARLM_PUT 0x01
#define CHARLM_GET 0x02
#define CHARLM_REFUSED 0x03 /* no request, or one that this model does not know */
#define CHARLM_LOST 0x04    /* done, but the UART has lost or spoilt a byte */

#define CHARLM_PIECE 16

#define CHARLM_TEXT_MAGIC 0x4C4B  /* "KL" */
#define CHARLM_STATE_MAGIC 0x534B /* "KS" */

/* Other arithmetic, or another order of a state's members, has another. */
#define CHARLM_VERSION 0

/* A model: its number in a file, and CHARLM_MODEL in its config. */
#define CHARLM_LARGE 0
#define CHARLM_SMALL 1
#define CHARLM_PLAIN 2
#define CHARLM_TINY 3
#define CHARLM_UNIGRAM 4
#define CHARLM_BIGRAM 5
#define CHARLM_BIGRAM_NEURAL 6
#define CHARLM_HASHED 7
#define CHARLM_TRANSFORMER 16
#define CHARLM_TRANSFORMER_32K 17
#define CHARLM_TRANSFORMER_FROZEN 18
#define CHARLM_TRANSFORMER_32K_FROZEN 19

/* Little endian. */
typedef struct {
    uint16_t magic;
    uint8_t model;   /* a number above */
    uint8_t version; /* CHARLM_VERSION */
    uint32_t tables; /* CRC-32 of the tables in flash: another prior gives another code */
    uint32_t length; /* of the text, or the state */
    uint32_t crc;    /* of the same: CRC-32 as in zlib */
} charlm_header;

#endif
