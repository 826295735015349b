/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request, one reply: the commands of contract/frame.h, done by the learner it is linked with.
 * Portable; the twin runs the same code. The one buffer takes the request and then, in its place,
 * the reply; weights are sent from where they lie. */
#include "apps/serve_requests.h"

#include <stddef.h>
#include <string.h>

#include "apps/learner.h"
#include "apps/serve_checkpoint.h"
#include "chip/stack.h"
#include "chip/watchdog.h"
#include "contract/frame.h"
#include "contract/learner.h"
#include "fixed/flash.h"
#include "wire/crc16.h"
#include "wire/frame_receive.h"
#include "wire/frame_send.h"

#define RATE_SHIFT_MAX 15
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
_Static_assert(sizeof(LEARNER_NAME) - 1 <= LEARNER_NAME_SIZE, "LEARNER_NAME is too long");
_Static_assert(LEARNER_CLASSES >= 2 && LEARNER_CLASSES <= 255, "labels are 0..LEARNER_CLASSES - 1");
_Static_assert(LEARNER_INPUT_MAX >= 1 && LEARNER_INPUT_MAX <= 255, "a value must fit a byte");
_Static_assert(LEARNER_INPUTS_A_BYTE == 1 ||
                   (LEARNER_INPUTS_A_BYTE == 2 && LEARNER_INPUT_MAX == 15),
               "two inputs share a byte when each may take any value of its half");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are read in place");

#pragma pack(push, 1)
static union {
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
} frame;
#pragma pack(pop)

static step_counts count;

_Static_assert(offsetof(learner_statistics, steps) == 0 &&
                   offsetof(learner_statistics, errors) == offsetof(step_counts, errors),
               "the counters are copied in one piece");

/* All that follow fill the reply in and return the size of its body. */

__attribute__((noinline)) static uint8_t refuse(uint8_t error, uint16_t detail) {
    frame.header.command = COMMAND_ERROR;
    frame.body.error.error = error;
    frame.body.error.detail = detail;
    return sizeof(error_reply);
}

static uint8_t describe(void) {
    static IN_FLASH learner_description description = {
        CONTRACT_VERSION,     LEARNER_NAME, LEARNER_INPUTS, LEARNER_CLASSES, LEARNER_INPUT_MAX, 0,
        LEARNER_INPUTS_A_BYTE};
    frame.body.description = description;
    frame.body.description.weights_size = learner_weights_size();
    return sizeof(learner_description);
}

__attribute__((noinline)) static void restart(uint16_t seed) {
    learner_reset(seed);
    serve_begin();
    memset(&count, 0, sizeof count);
}

#ifdef CHECKPOINT_WEIGHTS
/* Of a checkpoint: CRC of the learner_description, which takes the body's place. */
static uint16_t owner(void) {
    return crc16_update(FRAME_CRC_INIT, (const uint8_t *)&frame.body, describe());
}

static uint8_t checkpoint(void) {
    uint16_t every = frame.body.checkpoint.every;
    serve_save(owner(), &count, every, &frame.body.kept);
    return sizeof(checkpoint_reply);
}

static uint8_t resume(void) {
    uint8_t shift = frame.body.resume.shift;
    if (shift > RATE_SHIFT_MAX) {
        return refuse(ERROR_BAD_RANGE, shift);
    }
    serve_resume(&frame.body.resume, &count);
    return 0;
}
#endif

/* Index of the first value above the maximum, or LEARNER_INPUTS. */
static uint8_t first_bad_input(const uint8_t *sample) {
    uint8_t left = LEARNER_INPUTS;
#if LEARNER_INPUT_MAX < 255 && LEARNER_INPUTS_A_BYTE == 1
    while (left && *sample++ <= LEARNER_INPUT_MAX) {
        left--;
    }
#else
    (void)sample;
    left = 0;
#endif
    return LEARNER_INPUTS - left;
}

__attribute__((noinline)) static void increment(uint32_t *number) {
    ++*number;
}

static void count_step(uint8_t wrong) {
    increment(&count.steps);
    if (wrong) {
        increment(&count.errors);
    }
#ifdef CHECKPOINT_WEIGHTS
    if (serve_is_due()) {
        serve_save(owner(), &count, CHECKPOINT_AS_BEFORE, &frame.body.kept);
    }
#endif
}

static uint8_t reply_answer(learner_answer given) {
    frame.body.answer.prediction = given.prediction;
    frame.body.answer.margin = given.margin;
    return sizeof(answer_reply);
}

static uint8_t answer(const uint8_t *sample, uint8_t train) {
    uint8_t bad = first_bad_input(sample);
    if (bad != LEARNER_INPUTS) {
        return refuse(ERROR_BAD_INPUT, bad);
    }
    learner_answer given;
    if (train) {
        uint8_t label = frame.body.train.label;
        if (label >= LEARNER_CLASSES) {
            return refuse(ERROR_BAD_LABEL, label);
        }
        given = learner_train(sample, label);
        count_step(given.prediction != label);
    } else {
        given = learner_infer(sample);
    }
    return reply_answer(given);
}

#ifdef LEARNER_TAUGHT
/* Equal targets: the smaller class is the label. */
static uint8_t teach(void) {
    uint8_t bad = first_bad_input(frame.body.teach.sample);
    if (bad != LEARNER_INPUTS) {
        return refuse(ERROR_BAD_INPUT, bad);
    }
    const uint8_t *target = frame.body.teach.target;
    uint8_t label = 0;
    for (uint8_t k = 1; k < LEARNER_CLASSES; k++) {
        if (target[k] > target[label]) {
            label = k;
        }
    }
    learner_answer given = learner_teach(frame.body.teach.sample, target, label);
    count_step(given.prediction != label);
    return reply_answer(given);
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
        return refuse(ERROR_BAD_RANGE, offset);
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

/* size is that of the body. */
static uint8_t dispatch(uint8_t size) {
    uint8_t command = frame.header.command;
    if (!is_known(command)) {
        return refuse(ERROR_UNKNOWN_COMMAND, command);
    }
    uint8_t expected = body_size[command - 1];
    if (expected == ANY ? size <= sizeof(write_request) : size != expected) {
        return refuse(ERROR_BAD_LENGTH, BODY(size));
    }
    frame.header.command = command | COMMAND_REPLY;
    if (command == COMMAND_TRAIN) {
        return answer(frame.body.train.sample, 1);
    }
    if (command == COMMAND_INFER) {
        return answer(frame.body.sample, 0);
    }
#ifdef LEARNER_TAUGHT
    if (command == COMMAND_TEACH) {
        return teach();
    }
#endif
    if (command == COMMAND_HELLO) {
        return describe();
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
            return refuse(ERROR_BAD_RANGE, shift);
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
            detail = crc16_update(FRAME_CRC_INIT, frame.bytes, size);
            uint16_t sent;
            memcpy(&sent, &frame.bytes[size], sizeof sent);
            if (sent == detail) {
                return dispatch(size - FRAME_HEADER_SIZE);
            }
        }
    }
    frame.header.sequence = 0; /* nothing in this frame can be believed */
    return refuse(error, detail);
}

void serve_start(void) {
#ifdef CHECKPOINT_WEIGHTS
    watchdog_stop();
    restart(1);
    serve_restore(owner(), &count);
#else
    restart(1);
#endif
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
