/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses over the scores of the classes.
 *
 * Margin (multi-class hinge): loss = max(0, margin - (score[label] - max over k != label
 * score[k])). Its gradient is -1 at the label, +1 at the strongest rival, 0 elsewhere, and 0
 * everywhere once the margin is met: most steps of a trained network then cost no more than an
 * inference. Source: Crammer, Singer, On the algorithmic implementation of multiclass kernel-based
 * vector machines, JMLR 2 (2001).
 *
 * Squared: loss = 1/2 sum over k of (out[k] - target[k])^2, gradient out[k] - target[k].
 */
#ifndef NET_LOSS_H
#define NET_LOSS_H

#include <stdint.h>

#include "fixed/saturate.h"

/* The two best classes so far, fed one score at a time, so that the scores need no array. */
typedef struct {
    int16_t best_score, second_score, label_score;
    uint8_t best, second;
} ranking;

/* Scores lie within -SCORE_MAX..SCORE_MAX, so that a difference of two fits 16 bits. */
#define SCORE_MAX 16383

static inline void ranking_start(ranking *rank) {
    rank->best_score = -SCORE_MAX - 1;
    rank->second_score = -SCORE_MAX - 1;
}

/* Equal scores: the smaller class wins. */
static inline void ranking_add(ranking *rank, uint8_t class, int16_t score, uint8_t label) {
    if (class == label) {
        rank->label_score = score;
    }
    if (score > rank->best_score) {
        rank->second_score = rank->best_score;
        rank->second = rank->best;
        rank->best_score = score;
        rank->best = class;
    } else if (score > rank->second_score) {
        rank->second_score = score;
        rank->second = class;
    }
}

/* The strongest class that is not the label. */
static inline uint8_t ranking_rival(const ranking *rank, uint8_t label) {
    return rank->best == label ? rank->second : rank->best;
}

/* score[label] - score[rival]. */
static inline int16_t ranking_margin(const ranking *rank, uint8_t label) {
    int16_t rival = rank->best == label ? rank->second_score : rank->best_score;
    return (int16_t)(rank->label_score - rival);
}

/* d loss / d out[k] of the squared loss; out and target Q8 0..255. Q7, -127..127: half of the
 * difference, floored, so that it fits a byte. */
static inline int8_t squared_gradient(uint8_t out, uint8_t target) {
    return (int8_t)(((int16_t)out - (int16_t)target) >> 1);
}

#endif
