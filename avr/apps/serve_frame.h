/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serve loop's one buffer: it takes the request and then, in its place, the reply. */
#ifndef APPS_SERVE_FRAME_H
#define APPS_SERVE_FRAME_H

#include <stdint.h>

#include "apps/learner.h"
#include "contract/checkpoint.h"
#include "contract/frame.h"
#include "contract/learner.h"

#define BODY(size) (FRAME_HEADER_SIZE + (size) + FRAME_CRC_SIZE)

typedef struct {
    uint8_t label;
    uint8_t sample[LEARNER_SAMPLE_SIZE];
} train_request;

#ifdef LEARNER_TAUGHT
typedef struct {
    uint8_t target[LEARNER_CLASSES];
    uint8_t sample[LEARNER_SAMPLE_SIZE];
} teach_request;
#endif

typedef union {
    train_request train;
#ifdef LEARNER_TAUGHT
    teach_request teach;
#endif
#ifdef CHECKPOINT_WEIGHTS
    checkpoint_progress resume;
#endif
} longest_request;

_Static_assert(LEARNER_SAMPLE_SIZE >= 2 && BODY(sizeof(longest_request)) <= FRAME_PAYLOAD_MAX,
               "a frame must hold one sample, and the buffer a READ_WEIGHTS request");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are read in place");

#pragma pack(push, 1)
typedef union {
    uint8_t bytes[BODY(sizeof(longest_request))];
    struct {
        frame_header header;
        union {
            reset_request reset;
            rate_request rate;
            train_request train;
#ifdef LEARNER_TAUGHT
            teach_request teach;
#endif
            uint8_t sample[LEARNER_SAMPLE_SIZE];
            read_request read;
#ifdef CHECKPOINT_WEIGHTS
            checkpoint_request checkpoint;
            checkpoint_progress resume;
            checkpoint_reply kept;
#endif
            struct {
                write_request where;
                uint8_t bytes[LEARNER_SAMPLE_SIZE - 1];
            } write;
            /* Replies. */
            error_reply error;
            learner_description description;
            answer_reply answer;
            learner_statistics statistics;
        } body;
    };
} serve_frame;
#pragma pack(pop)

extern serve_frame frame;

/* These, and all that do a request, fill the reply in and return the size of its body. */

uint8_t serve_refuse(uint8_t error, uint16_t detail);
uint8_t serve_describe(void);

#endif
