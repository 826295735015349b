/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request, one reply: the commands of contract/frame.h, done by the learner it is linked with.
 * Portable; the twin runs the same code. The one buffer takes the request and then, in its place,
 * the reply; weights are sent from where they lie. */
#include "apps/serve_requests.h"

#include <stddef.h>
#include <string.h>

#include "apps/learner.h"
#include "apps/serve_checkpoint.h"
#include "apps/serve_frame.h"
#include "apps/serve_steps.h"
#include "chip/stack.h"
#include "chip/watchdog.h"
#include "fixed/flash.h"
#include "wire/frame_receive.h"
#include "wire/frame_send.h"
#include "wire/line.h"

#define RATE_SHIFT_MAX 15

_Static_assert(sizeof(LEARNER_NAME) - 1 <= LEARNER_NAME_SIZE, "LEARNER_NAME is too long");
_Static_assert(LEARNER_CLASSES >= 2 && LEARNER_CLASSES <= 255, "labels are 0..LEARNER_CLASSES - 1");
_Static_assert(LEARNER_INPUT_MAX >= 1 && LEARNER_INPUT_MAX <= 255, "a value must fit a byte");
_Static_assert(LEARNER_INPUTS_A_BYTE == 1 ||
                   (LEARNER_INPUTS_A_BYTE == 2 && LEARNER_INPUT_MAX == 15),
               "two inputs share a byte when each may take any value of its half");

serve_frame frame;

__attribute__((noinline)) uint8_t serve_refuse(uint8_t error, uint16_t detail) {
    frame.header.command = COMMAND_ERROR;
    frame.body.error.error = error;
    frame.body.error.detail = detail;
    return sizeof(error_reply);
}

uint8_t serve_describe(void) {
    static IN_FLASH learner_description description = {
        CONTRACT_VERSION,      LEARNER_NAME,      LEARNER_INPUTS,
        LEARNER_CLASSES,       LEARNER_INPUT_MAX, 0,
        LEARNER_INPUTS_A_BYTE, CONTRACT_HASH,     0};
    frame.body.description = description;
    frame.body.description.weights_size = learner_weights_size();
    frame.body.description.full_duplex = line_is_full_duplex();
    return sizeof(learner_description);
}

__attribute__((noinline)) static void restart(uint16_t seed) {
    learner_reset(seed);
    serve_begin();
    serve_steps_begin();
}

#ifdef CHECKPOINT_WEIGHTS
static uint8_t checkpoint(void) {
    uint16_t every = frame.body.checkpoint.every;
    serve_save(serve_owner(), &count, every, &frame.body.kept);
    return sizeof(checkpoint_reply);
}

static uint8_t resume(void) {
    uint8_t shift = frame.body.resume.shift;
    if (shift > RATE_SHIFT_MAX) {
        return serve_refuse(ERROR_BAD_RANGE, shift);
    }
    serve_steps_begin();
    serve_resume(&frame.body.resume, &count);
    return 0;
}
#endif

/* The weights from offset on are both where a READ's reply is sent from and where a WRITE goes. */
static uint8_t *weights_from(uint16_t offset) {
    return learner_weights() + offset;
}

static uint8_t read_or_write_weights(uint8_t command, uint8_t written) {
    uint16_t all = learner_weights_size();
    uint16_t offset = frame.body.read.offset;
    uint8_t size = command == COMMAND_READ_WEIGHTS ? frame.body.read.count : written;
    if ((uint8_t)(size - 1) >= FRAME_BODY_MAX || size > all || offset > all - size) {
        return serve_refuse(ERROR_BAD_RANGE, offset);
    }
    if (command == COMMAND_READ_WEIGHTS) {
        return size;
    }
    uint8_t *to = weights_from(offset);
    const uint8_t *from = frame.body.write.bytes;
    do {
        *to++ = *from++;
    } while (--size);
    return 0;
}

static uint8_t statistics(void) {
    serve_steps_told();
    memcpy(&frame.body.statistics, &count, sizeof count);
    frame.body.statistics.stack_high_water = stack_high_water();
    frame.body.statistics.static_bytes = stack_static_bytes();
    return sizeof(learner_statistics);
}

/* Size of a command's body, commands from 1 on; ANY is checked by the command. */
#define ANY 0xFF
static IN_FLASH uint8_t body_size[] = {
    [COMMAND_HELLO - 1] = 0,
    [COMMAND_RESET - 1] = sizeof(reset_request),
    [COMMAND_SET_RATE - 1] = sizeof(rate_request),
    [COMMAND_TRAIN - 1] = sizeof(train_request),
    [COMMAND_INFER - 1] = LEARNER_SAMPLE_SIZE,
    [COMMAND_READ_WEIGHTS - 1] = sizeof(read_request),
    [COMMAND_WRITE_WEIGHTS - 1] = ANY,
    [COMMAND_STATISTICS - 1] = 0,
#ifdef LEARNER_TAUGHT
    [COMMAND_TEACH - 1] = sizeof(teach_request),
#endif
#ifdef CHECKPOINT_WEIGHTS
    [COMMAND_CHECKPOINT - 1] = sizeof(checkpoint_request),
    [COMMAND_RESUME - 1] = sizeof(checkpoint_progress),
#endif
};

static uint8_t is_known(uint8_t command) {
#if defined CHECKPOINT_WEIGHTS && !defined LEARNER_TAUGHT
    if (command == COMMAND_TEACH) {
        return 0;
    }
#endif
    return (uint8_t)(command - 1) < sizeof body_size;
}

/* size is that of the body, and no byte of it is above `highest`. */
static uint8_t dispatch(uint8_t size, uint8_t highest) {
    uint8_t command = frame.header.command;
    if (!is_known(command)) {
        return serve_refuse(ERROR_UNKNOWN_COMMAND, command);
    }
    uint8_t expected = body_size[command - 1];
    if (expected == ANY ? size <= sizeof(write_request) : size != expected) {
        return serve_refuse(ERROR_BAD_LENGTH, BODY(size));
    }
    frame.header.command = command | COMMAND_REPLY;
    if (command == COMMAND_TRAIN) {
        return serve_answer(frame.body.train.sample, 1, highest);
    }
    if (command == COMMAND_INFER) {
        return serve_answer(frame.body.sample, 0, highest);
    }
#ifdef LEARNER_TAUGHT
    if (command == COMMAND_TEACH) {
        return serve_teach(highest);
    }
#endif
    if (command == COMMAND_HELLO) {
        return serve_describe();
    }
    if (command == COMMAND_STATISTICS) {
        return statistics();
    }
    if (command == COMMAND_READ_WEIGHTS || command == COMMAND_WRITE_WEIGHTS) {
        return read_or_write_weights(command, size - sizeof(write_request));
    }
#ifdef CHECKPOINT_WEIGHTS
    if (command == COMMAND_CHECKPOINT) {
        return checkpoint();
    }
    if (command == COMMAND_RESUME) {
        return resume();
    }
#endif
    if (command == COMMAND_RESET) {
        restart(frame.body.reset.seed);
    } else {
        uint8_t shift = frame.body.rate.shift;
        if (shift > RATE_SHIFT_MAX) {
            return serve_refuse(ERROR_BAD_RANGE, shift);
        }
        learner_set_rate(shift);
        serve_note_rate(shift);
    }
    return 0;
}

/* What came in, checked to the last bit before anything is done. */
static uint8_t judge(frame_received got) {
    uint8_t size = got.size - FRAME_CRC_SIZE;
    uint8_t error = ERROR_OVERRUN;
    uint16_t detail = got.size;
    if (got.fault != FRAME_LOST_BYTE) {
        error = ERROR_BAD_LENGTH;
        if (got.fault == FRAME_WHOLE && got.size >= BODY(0)) {
            error = ERROR_BAD_CRC;
            detail = got.crc;
            uint16_t sent;
            memcpy(&sent, &frame.bytes[size], sizeof sent);
            if (sent == detail) {
                return dispatch(size - FRAME_HEADER_SIZE, got.highest);
            }
        }
    }
    frame.header.sequence = 0; /* nothing in this frame can be believed */
    return serve_refuse(error, detail);
}

void serve_start(void) {
#ifdef CHECKPOINT_WEIGHTS
    watchdog_stop();
    restart(1);
    serve_restore(serve_owner(), &count);
#else
    restart(1);
#endif
    serve_steps_hold();
}

void serve_request(void) {
    frame_received got = frame_receive(frame.bytes, BODY(sizeof(longest_request)));
    if (got.size || got.fault) {
#ifdef CHECKPOINT_WEIGHTS
        watchdog_start();
#endif
        uint8_t size = judge(got);
        const uint8_t *body = frame.bytes + FRAME_HEADER_SIZE;
        if (frame.header.command == (COMMAND_READ_WEIGHTS | COMMAND_REPLY)) {
            body = weights_from(frame.body.read.offset);
        }
        frame_send(&frame.header, body, size);
#ifdef CHECKPOINT_WEIGHTS
        watchdog_stop();
#endif
    }
}
