/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner says of itself, as it travels in a frame. Read by the host with cffi (pack=1). */
#ifndef CONTRACT_LEARNER_H
#define CONTRACT_LEARNER_H

#include <stdint.h>

#define LEARNER_NAME_SIZE 12

#pragma pack(push, 1)

/* Reply to COMMAND_HELLO. */
typedef struct {
    uint8_t contract_version; /* CONTRACT_VERSION */
    char name[12];            /* ASCII, padded with zeros; all 12 may be used */
    uint8_t inputs;           /* values in a sample */
    uint8_t classes;          /* labels are 0..classes - 1 */
    uint8_t input_max;        /* a value is 0..input_max */
    uint16_t weights_size;    /* bytes of the whole model */
    uint8_t inputs_a_byte;    /* of a sample: 1, or 2 where input_max is 15 */
    uint16_t contract_hash;   /* of these headers, by the Makefile */
    uint8_t full_duplex;      /* 1: a request may come while the answer before it goes out */
} learner_description;

/* Reply to COMMAND_TRAIN (the answer before the update) and COMMAND_INFER. */
typedef struct {
    uint8_t prediction;
    int16_t margin; /* score units of the learner, see apps/learner.h */
} answer_reply;

/* Reply to COMMAND_STATISTICS. */
typedef struct {
    uint32_t steps;            /* training steps since the last RESET */
    uint32_t errors;           /* of these, with a wrong prediction */
    uint16_t stack_high_water; /* bytes of stack ever used since power-up, from the painted stack */
    uint16_t static_bytes;     /* .data + .bss + .noinit */
} learner_statistics;

#pragma pack(pop)

#endif
