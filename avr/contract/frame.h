/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames between chip and host, stated once: the firmware includes this file, the host reads it
 * with cffi (pack=1). Only fixed-width types, structs and integer #defines.
 *
 *   on the line   COBS(payload) 0x00
 *   payload       sequence u8, command u8, body (0..FRAME_BODY_MAX bytes), crc u16
 *   crc           CRC-16/CCITT-FALSE (poly 0x1021, init 0xFFFF) over sequence, command and body
 *
 * All numbers are little endian. The chip speaks only when asked; at its start it sends one lone
 * 0x00. An empty frame (a 0x00 after a 0x00) is no request: it flushes the line. A host begins with
 * one: a chip that times its bits itself learns their length from it.
 * A reply has the request's sequence and its command | COMMAND_REPLY, or it is COMMAND_ERROR with
 * an error_reply. The sequence of an error is the request's when its CRC was right, else 0 (nothing
 * in such a frame can be believed), so a host numbers its requests from 1 to FRAME_STEP - 1.
 * A TRAIN or TEACH may say which step it is: its sequence is FRAME_STEP | the low 7 bits of the
 * steps taken before it. Such a step is taken exactly once: when the same request comes again, its
 * answer is repeated, and any other step than the next is refused with ERROR_BAD_STEP; so are all
 * after a start, until STATISTICS, RESET or RESUME has made chip and host agree.
 * A sample has a byte an input, or, where learner_description.inputs_a_byte is 2, half a byte:
 * input 2 i is the low half of byte i.
 */
#ifndef CONTRACT_FRAME_H
#define CONTRACT_FRAME_H

#include <stdint.h>

#define CONTRACT_VERSION 3

/* A payload stays below 254 bytes, so that COBS adds exactly one byte. */
#define FRAME_PAYLOAD_MAX 253
#define FRAME_HEADER_SIZE 2
#define FRAME_CRC_SIZE 2
#define FRAME_BODY_MAX 249
#define FRAME_DELIMITER 0
#define FRAME_CRC_INIT 0xFFFF
#define FRAME_STEP 0x80

#define COMMAND_HELLO 0x01         /* {} -> learner_description */
#define COMMAND_RESET 0x02         /* reset_request -> {} */
#define COMMAND_SET_RATE 0x03      /* rate_request -> {} */
#define COMMAND_TRAIN 0x04         /* label u8, sample -> answer_reply */
#define COMMAND_INFER 0x05         /* sample -> answer_reply */
#define COMMAND_READ_WEIGHTS 0x06  /* read_request -> u8[count] */
#define COMMAND_WRITE_WEIGHTS 0x07 /* offset u16, u8[1..sample - 1] -> {} */
#define COMMAND_STATISTICS 0x08    /* {} -> learner_statistics */
#define COMMAND_TEACH 0x09         /* target u8[classes], sample u8[inputs] -> answer_reply */
#define COMMAND_CHECKPOINT 0x0A    /* checkpoint_request -> checkpoint_reply */
#define COMMAND_RESUME 0x0B        /* checkpoint_progress -> {}: go on from there */
#define COMMAND_REPLY 0x80
#define COMMAND_ERROR 0xFF

/* Behind each error: its detail. */
#define ERROR_BAD_CRC 1         /* the CRC computed over what came */
#define ERROR_BAD_LENGTH 2      /* bytes of payload that came */
#define ERROR_UNKNOWN_COMMAND 3 /* the command */
#define ERROR_BAD_LABEL 4       /* the label */
#define ERROR_BAD_RANGE 5       /* the offset, or the shift */
#define ERROR_BAD_INPUT 6       /* index of the first value above input_max */
#define ERROR_OVERRUN 7         /* bytes kept: one was lost or spoilt, or the buffer is full */
#define ERROR_BAD_STEP 8        /* low 16 bits of the steps taken: another one is next */

#pragma pack(push, 1)

typedef struct {
    uint8_t sequence;
    uint8_t command;
} frame_header;

typedef struct {
    uint8_t error;
    uint16_t detail;
} error_reply;

typedef struct {
    uint16_t seed;
} reset_request;

typedef struct {
    uint8_t shift; /* step size = base >> shift, 0..15 */
} rate_request;

typedef struct {
    uint16_t offset;
    uint8_t count; /* 1..FRAME_BODY_MAX */
} read_request;

typedef struct {
    uint16_t offset; /* bytes follow, at most one less than a sample has */
} write_request;

#pragma pack(pop)

#endif
