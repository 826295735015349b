/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Naive Bayes by a table of logarithms:
 *
 *   score[c] = sum over i of table[c][i][sample[i] >> shift]
 *
 * table (classes, width, bins) uint8 in flash, log-probabilities from the least on; the prior is
 * in the first feature's. sample >> shift is below bins; width * 255 < 2^16. */
#ifndef NET_BAYES_H
#define NET_BAYES_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

/* Returns the class of the largest score, of equal ones the first. */
KERNEL uint8_t bayes_best(const uint8_t *table, uint8_t classes, const uint8_t *sample,
                          uint8_t width, uint8_t bins, uint8_t shift) {
    uint16_t best = 0;
    uint8_t answer = 0;
    for (uint8_t class = 0; class < classes; class ++) {
        uint16_t score = 0;
        for (uint8_t i = 0; i < width; i++) {
            const uint8_t *bin = table + (uint8_t)(sample[i] >> shift);
            score += flash_u8(&bin);
            table += bins;
        }
        if (score > best) {
            best = score;
            answer = class;
        }
    }
    return answer;
}

#endif
