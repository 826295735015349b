/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A head of eight looks back over a window, at keys and values in rings. All of it is Q5.
 *
 *   score[j] = q . k[j] / 2^5 + bias[j]               k[j] of j characters ago
 *   e[j]     = 2^-(max score - score[j])              Q8, of one byte
 *   p[j]     = e[j] * r / 2^12,  r = 2^20 / sum of e  Q8, their sum is at most 1
 *   out      = sum of p[j] * v[j]                     rounded
 */
#ifndef CHARLM_ATTEND_H
#define CHARLM_ATTEND_H

#include <stdint.h>

#include "charlm/falling.h"
#include "fixed/flash.h"
#include "fixed/kernel.h"

#define HEAD 8

/* floor(q . k / 2^5). q, k (HEAD,). */
SHARED int16_t attend_score_c(const int8_t *q, const int8_t *k) {
    int32_t sum = 0;
    for (uint8_t i = HEAD; i != 0; i--) {
        sum += (int16_t)*q++ * *k++;
    }
    return (int16_t)(sum >> 5);
}

/* out[i] += p * v[i]. out, v (HEAD,). */
SHARED void attend_add_c(int16_t *out, const int8_t *v, uint8_t p) {
    for (uint8_t i = HEAD; i != 0; i--) {
        *out = (int16_t)(*out + (int16_t)p * *v++);
        out++;
    }
}

#define attend_score attend_score_c
#define attend_add attend_add_c

#endif
