/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stumps, trees of one decision, whose gains add up to a score a class:
 *
 *   score[c] = bias[c] + sum over the stumps s of class c with sample[feature[s]] >= cut[s]
 *                        of gain[s]
 *
 * In flash, class by class: bias int16, low byte first; how many stumps, 1..255; and of each its
 * feature, its cut and its gain, int8. No score may leave int16. */
#ifndef NET_STUMPS_H
#define NET_STUMPS_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

/* Returns the class of the largest score, of equal ones the first; the table begins with class
 * `first`. With first = 1, class 0 has the score 0. */
KERNEL uint8_t stumps_best(const uint8_t *table, uint8_t first, uint8_t classes,
                           const uint8_t *sample) {
    int16_t best = first == 0 ? INT16_MIN : 0;
    uint8_t answer = 0;
    for (uint8_t class = first; class < classes; class ++) {
        int16_t score = flash_i16(&table);
        uint8_t left = flash_u8(&table);
        do {
            uint8_t feature = flash_u8(&table);
            uint8_t cut = flash_u8(&table);
            int8_t gain = (int8_t)flash_u8(&table);
            if (sample[feature] >= cut) {
                score += gain;
            }
        } while (--left != 0);
        if (score > best) {
            best = score;
            answer = class;
        }
    }
    return answer;
}

#endif
