/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Softmax to the base of two, in bytes.
 *
 *   p[k] = 2^(score[k] / 16) / sum over j of 2^(score[j] / 16)
 *
 * The base is a temperature: score / 16 to the base 2 is score / 23.1 to the base e. The gradient of
 * the cross-entropy with a target q is p - q in these units, for a soft q just so.
 */
#ifndef NET_SOFTMAX_H
#define NET_SOFTMAX_H

#include <stdint.h>

#include "fixed/exponential.h"
#include "fixed/kernel.h"

/* score (count,) Q4, becomes p (count,) Q8 in place, floored; 1 is 255. count 1..255. */
SHARED void softmax(uint8_t *score, uint8_t count) {
    int8_t best = INT8_MIN;
    for (uint8_t k = 0; k < count; k++) {
        if ((int8_t)score[k] > best) {
            best = (int8_t)score[k];
        }
    }
    uint16_t total = 0;
    for (uint8_t k = 0; k < count; k++) {
        score[k] = exp2_falling((uint8_t)(best - (int8_t)score[k]));
        total = (uint16_t)(total + score[k]);
    }
    for (uint8_t k = 0; k < count; k++) {
        score[k] = (uint8_t)((uint16_t)(score[k] * 255U) / total);
    }
}

#endif
