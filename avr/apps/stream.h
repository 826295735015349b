/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the apps share that learn from voltages, without a host. A sample a step, for ever:
 *
 *   ADC1, ADC2   the inputs, 0..supply as 0..255
 *   ADC3         the label: quarters of the supply are 0, 1, 2 and, at the supply, none
 *   PB0, PB1     the answer, low bit first
 *
 * With a label the chip learns after it has answered, and counts whether the answer was right;
 * without one it only answers. After every hundred labels it reports.
 */
#ifndef APPS_STREAM_H
#define APPS_STREAM_H

#include <stdint.h>

#include "chip/adc.h"
#include "chip/clock.h"
#include "chip/report.h"

#define STREAM_NO_LABEL 3

typedef struct {
    uint16_t hundreds;  /* of labels */
    uint8_t labels;     /* of the hundred that goes on */
    uint8_t right;      /* answers among them, before the step */
    uint8_t right_last; /* of the last whole hundred */
    uint8_t answer;     /* to the last sample */
    uint8_t samples;    /* modulo 256; counts when everything about a sample is done */
} stream_report;

stream_report report;

static inline void stream_start(void) {
    clock_full_speed();
    adc_start();
    report_start();
    report = (stream_report){0};
}

/* 0..255. */
static inline uint8_t stream_input(uint8_t number) {
    return adc_byte((uint8_t)(number + 1));
}

/* 0..2, or STREAM_NO_LABEL. */
static inline uint8_t stream_label(void) {
    return adc_byte(3) >> 6;
}

/* The end of a step. */
static inline void stream_answer(uint8_t answer, uint8_t label) {
    report_answer(answer);
    report.answer = answer;
    if (label != STREAM_NO_LABEL) {
        report.right += answer == label;
        if (++report.labels == 100) {
            report.hundreds++;
            report.right_last = report.right;
            report.labels = 0;
            report.right = 0;
            report_hundred(report.hundreds, report.right_last);
        }
    }
    report.samples++;
}

#endif
