/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/serve_steps.h"

#include <string.h>

#include "apps/learner.h"
#include "apps/serve_frame.h"
#include "wire/crc16.h"

step_counts count;

/* The last step's answer, for a host that did not get it, and the request that it was given to. */
static struct {
    uint8_t sequence;
    learner_answer answer;
} last;

/* Numbered steps wait until the count was told. */
static uint8_t is_held;

void serve_steps_begin(void) {
    memset(&count, 0, sizeof count);
    last.sequence = 0; /* of no request */
    is_held = 0;
}

void serve_steps_hold(void) {
    is_held = 1;
}

void serve_steps_told(void) {
    is_held = 0;
}

#ifdef CHECKPOINT_WEIGHTS
uint16_t serve_owner(void) {
    return crc16_update(FRAME_CRC_INIT, (const uint8_t *)&frame.body, serve_describe());
}
#endif

/* Index of the first value above the maximum, or LEARNER_INPUTS. */
static uint8_t first_bad_input(const uint8_t *sample, uint8_t highest) {
    uint8_t left = 0;
#if LEARNER_INPUT_MAX < 255 && LEARNER_INPUTS_A_BYTE == 1
    if (highest > LEARNER_INPUT_MAX) {
        left = LEARNER_INPUTS;
        while (left && *sample++ <= LEARNER_INPUT_MAX) {
            left--;
        }
    }
#else
    (void)sample, (void)highest;
#endif
    return LEARNER_INPUTS - left;
}

/* 0 for a sample to go on with, else the reply's size. */
static uint8_t refuse_inputs(const uint8_t *sample, uint8_t highest) {
    uint8_t bad = first_bad_input(sample, highest);
    return bad == LEARNER_INPUTS ? 0 : serve_refuse(ERROR_BAD_INPUT, bad);
}

static uint8_t reply_answer(learner_answer given) {
    frame.body.answer.prediction = given.prediction;
    frame.body.answer.margin = given.margin;
    return sizeof(answer_reply);
}

/* 0 for a step to be taken, else the size of the reply to one that is not: it was taken before, or
 * it is not the next. */
static uint8_t reply_without_step(const uint8_t *sample, uint8_t highest) {
    uint8_t sequence = frame.header.sequence;
    if (sequence & FRAME_STEP) {
        if (sequence == last.sequence) {
            return reply_answer(last.answer);
        }
        if (is_held || (uint8_t)((sequence ^ (uint8_t)count.steps) << 1)) {
            return serve_refuse(ERROR_BAD_STEP, (uint16_t)count.steps);
        }
    }
    return refuse_inputs(sample, highest);
}

__attribute__((noinline)) static void increment(uint32_t *number) {
    ++*number;
}

static uint8_t reply_step(learner_answer given, uint8_t label) {
    last.sequence = frame.header.sequence;
    last.answer = given;
    increment(&count.steps);
    if (given.prediction != label) {
        increment(&count.errors);
    }
#ifdef CHECKPOINT_WEIGHTS
    if (serve_is_due()) {
        serve_save(serve_owner(), &count, CHECKPOINT_AS_BEFORE, &frame.body.kept);
    }
#endif
    return reply_answer(given);
}

uint8_t serve_answer(const uint8_t *sample, uint8_t train, uint8_t highest) {
    uint8_t replied = train ? reply_without_step(sample, highest) : refuse_inputs(sample, highest);
    if (replied) {
        return replied;
    }
    if (!train) {
        return reply_answer(learner_infer(sample));
    }
    uint8_t label = frame.body.train.label;
    if (label >= LEARNER_CLASSES) {
        return serve_refuse(ERROR_BAD_LABEL, label);
    }
    return reply_step(learner_train(sample, label), label);
}

#ifdef LEARNER_TAUGHT
/* Equal targets: the smaller class is the label. */
uint8_t serve_teach(uint8_t highest) {
    const teach_request *asked = &frame.body.teach;
    uint8_t replied = reply_without_step(asked->sample, highest);
    if (replied) {
        return replied;
    }
    uint8_t label = 0;
    for (uint8_t k = 1; k < LEARNER_CLASSES; k++) {
        if (asked->target[k] > asked->target[label]) {
            label = k;
        }
    }
    return reply_step(learner_teach(asked->sample, asked->target, label), label);
}
#endif
