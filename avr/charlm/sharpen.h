/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logits and frequencies of symbols, changed before a text is drawn from them. */
#ifndef CHARLM_SHARPEN_H
#define CHARLM_SHARPEN_H

#include <stdint.h>

#include "charlm/draw.h"
#include "fixed/kernel.h"
#include "fixed/product.h"

/* frequency (symbols,) becomes that of its logits Q5 times sharpness / SHARPNESS_ONE, one over the
 * temperature, in the same place. What is 16 and more below the highest is 16 below it. */
SHARED void sharpen(uint16_t *logit, uint8_t symbols, uint8_t sharpness) {
    int16_t highest = INT16_MIN;
    for (uint8_t s = 0; s < symbols; s++) {
        highest = (int16_t)logit[s] > highest ? (int16_t)logit[s] : highest;
    }
    for (; symbols != 0; symbols--) {
        uint16_t below = (uint16_t)((uint16_t)highest - *logit);
        below = below > 511 ? 511 : below;
        *logit++ = (uint16_t)(0 - product_high(below * (256 / SHARPNESS_ONE), sharpness));
    }
}

/* Frequencies below the kth highest become 0. k 1..symbols. */
SHARED void keep_top(uint16_t *frequency, uint8_t symbols, uint8_t k) {
    uint16_t highest = UINT16_MAX; /* which no frequency is: charlm/falling.h */
    while (k != 0) {
        uint16_t above = highest;
        highest = 0;
        uint8_t equal = 0;
        for (uint8_t s = 0; s < symbols; s++) {
            uint16_t own = frequency[s];
            if (own < above && own >= highest) {
                equal = own == highest ? (uint8_t)(equal + 1) : 1;
                highest = own;
            }
        }
        k = k > equal ? (uint8_t)(k - equal) : 0;
    }
    for (; symbols != 0; symbols--, frequency++) {
        if (*frequency < highest) {
            *frequency = 0;
        }
    }
}

#endif
