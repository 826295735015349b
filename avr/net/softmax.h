/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Softmax to the base of two, in bytes.
 *
 *   p[k] = 2^(score[k] / 16) / sum over j of 2^(score[j] / 16)
 *
 * The base is a temperature: score / 16 to the base 2 is score / 23.1 to the base e. The gradient
 * of the cross-entropy with a target q is p - q in these units, for a soft q just so.
 */
#ifndef NET_SOFTMAX_H
#define NET_SOFTMAX_H

#include <stdint.h>

#include "fixed/exponential.h"
#include "fixed/kernel.h"

/* score (count,) Q4, becomes p (count,) Q8 in place; 1 is 255. count 1..255.
 * Each p is floored, and what the floors lose goes to the largest: so they add up to 255, and the
 * errors p - q to 0. Otherwise every step would push all scores the same way, up to their end. */
SHARED void softmax(uint8_t *score, uint8_t count) {
    uint8_t best = 0;
    for (uint8_t k = 1; k < count; k++) {
        if ((int8_t)score[k] > (int8_t)score[best]) {
            best = k;
        }
    }
    int8_t top = (int8_t)score[best];
    uint16_t total = 0;
    for (uint8_t k = 0; k < count; k++) {
        score[k] = exp2_falling((uint8_t)(top - (int8_t)score[k]));
        total = (uint16_t)(total + score[k]);
    }
    uint8_t left = 255;
    for (uint8_t k = 0; k < count; k++) {
        score[k] = (uint8_t)((uint16_t)((uint16_t)(score[k] << 8) - score[k]) / total);
        left = (uint8_t)(left - score[k]);
    }
    score[best] = (uint8_t)(score[best] + left);
}

#endif
