/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The talk of apps/charlm.c, and the file that the host makes of it.
 *
 * The host sends a request, CHARLM_CODE with a byte after it. The chip answers with any number of
 * CHARLM_PUT and a coded byte, or CHARLM_GET, which the host answers with a coded byte; then with
 * CHARLM_DONE and a byte: the text's after CHARLM_CODE, else 0. What is no request is
 * CHARLM_REFUSED.
 *
 *   file      charlm_header, coded bytes
 *   coded     by one model from its start, CHARLM_FINISH included
 */
#ifndef CONTRACT_CHARLM_H
#define CONTRACT_CHARLM_H

#include <stdint.h>

#define CHARLM_ENCODE 0x45 /* start anew, to encode */
#define CHARLM_DECODE 0x44 /* start anew, to decode */
#define CHARLM_CODE 0x43   /* code the byte that follows; decoding, it is not looked at */
#define CHARLM_FINISH 0x46 /* encoding: send the last bytes */

#define CHARLM_DONE 0x00
#define CHARLM_PUT 0x01
#define CHARLM_GET 0x02
#define CHARLM_REFUSED 0x03

#define CHARLM_MAGIC 0x4C4B /* "KL" */
/* A model: charlm_header.model, and CHARLM_MODEL in its config. */
#define CHARLM_LARGE 0
#define CHARLM_SMALL 1
#define CHARLM_PLAIN 2
#define CHARLM_TINY 3
#define CHARLM_UNIGRAM 4
#define CHARLM_BIGRAM 5
#define CHARLM_BIGRAM_NEURAL 6
#define CHARLM_HASHED 7

/* Little endian. */
typedef struct {
    uint16_t magic;
    uint8_t model;   /* a number above */
    uint8_t unused;  /* 0 */
    uint32_t tables; /* CRC-32 of the tables in flash: another prior gives another code */
    uint32_t length; /* of the text */
    uint32_t crc;    /* CRC-32 of the text, as in zlib */
} charlm_header;

#endif
