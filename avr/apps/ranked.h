/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers of a learner that ranks its classes by their scores. */
#ifndef APPS_RANKED_H
#define APPS_RANKED_H

#include "apps/learner.h"
#include "net/loss.h"

#define NO_LABEL 255 /* ranks a sample that is not learned from */

static inline learner_answer answer_to(const ranking *rank, uint8_t label) {
    return (learner_answer){.prediction = rank->best, .margin = ranking_margin(rank, label)};
}

static inline learner_answer answer_without_label(ranking *rank) {
    rank->label_score = rank->best_score;
    return answer_to(rank, rank->best);
}

#endif
