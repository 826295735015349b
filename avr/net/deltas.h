/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two losses of a linear classifier, as what they say of each score: d loss / d score, Q8.
 *
 *   softmax   loss = -log2 p[label], p[k] = 2^score[k] / sum over j of 2^score[j]
 *             delta[k] = p[k] - [k = label]
 *   margin    loss = max(0, margin - (score[label] - score[rival])), rival the best other class
 *             delta[label] = -1, delta[rival] = +1 while the margin is missing, else 0
 *
 * scores (classes,) Q4: 16 more is twice as likely. The deltas (classes,), -256..256, take their
 * place. Powers of two instead of e only change the unit of the scores.
 * Sources: Bridle, Probabilistic interpretation of feedforward classification network outputs,
 * Neurocomputing (1990); Crammer, Singer, JMLR 2 (2001).
 */
#ifndef NET_DELTAS_H
#define NET_DELTAS_H

#include <stdint.h>

#include "fixed/kernel.h"

#define DELTA_ONE 256
#define SCORE_OCTAVE 16

/* 255 * 2^(-below / 16), floored, with a straight line inside each octave (at most 6 % above).
 * below 0..65535. */
static inline uint8_t power_of_two(uint16_t below) {
    uint8_t octaves = below >> 4 > 8 ? 8 : (uint8_t)(below >> 4);
    return (uint8_t)((uint8_t)(255 - 8 * (below & (SCORE_OCTAVE - 1))) >> octaves);
}

/* best: the largest of the scores. Scores -16383..16383, classes <= 255. */
KERNEL void softmax_deltas(int16_t *score, uint8_t classes, uint8_t label, int16_t best) {
    uint16_t total = 0;
    for (uint8_t k = 0; k < classes; k++) {
        score[k] = power_of_two((uint16_t)(best - score[k]));
        total = (uint16_t)(total + (uint16_t)score[k]);
    }
    for (uint8_t k = 0; k < classes; k++) {
        uint16_t p = (uint16_t)(((uint16_t)score[k] * 256U) / total);
        score[k] = (int16_t)(k == label ? p - DELTA_ONE : p);
    }
}

/* rival: the best class that is not the label. Scores -16383..16383. */
KERNEL void margin_deltas(int16_t *score, uint8_t classes, uint8_t label, uint8_t rival,
                          int16_t margin) {
    int16_t step = score[label] - score[rival] < margin ? DELTA_ONE : 0;
    for (uint8_t k = 0; k < classes; k++) {
        score[k] = (int16_t)(k == label ? -step : k == rival ? step : 0);
    }
}

#endif
