/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decision stumps learned on a stream: one feature, and the running mean of each class in it.
 *
 *   mean (classes,)  int16 Q8, 0..32512
 *   answer           argmin over k of |x - mean[k]|, of equals the smallest k
 *
 * Between two classes that is one threshold, in the middle of their means; among more, one between
 * each two neighbours. A feature is 0..127.
 */
#ifndef ONLINE_STUMP_H
#define ONLINE_STUMP_H

#include <stdint.h>

#include "fixed/kernel.h"

#define STUMP_INPUT_MAX 127

/* |x - mean|, Q8. */
KERNEL uint16_t stump_distance(int16_t mean, uint8_t x) {
    uint16_t at = (uint16_t)x << 8, centre = (uint16_t)mean;
    return at > centre ? at - centre : centre - at;
}

SHARED uint8_t stump_answer(const int16_t *mean, uint8_t classes, uint8_t x) {
    uint16_t nearest = UINT16_MAX;
    uint8_t answer = 0;
    for (uint8_t k = 0; k < classes; k++) {
        uint16_t distance = stump_distance(mean[k], x);
        if (distance < nearest) {
            nearest = distance;
            answer = k;
        }
    }
    return answer;
}

/* `times` times:  mean += floor((x - mean) / 2^shift).  shift 0..15. */
SHARED void stump_update(int16_t *mean, uint8_t x, uint8_t shift, uint8_t times) {
    for (; times != 0; times--) {
        uint16_t way = (uint16_t)(((uint16_t)x << 8) - (uint16_t)*mean);
        *mean = (int16_t)((uint16_t)*mean + (uint16_t)((int16_t)way >> shift));
    }
}

#endif
