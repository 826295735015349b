/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A head of eight looks back over a window, at keys and values in rings. All of it is Q5.
 *
 *   score[j] = q . k[j] / 2^5 + 2 * bias[distance]    k[j] of `distance` characters ago; bias Q4
 *   e[j]     = 2^-(max score - score[j])              Q8, of one byte
 *   p[j]     = e[j] * r / 2^12,  r = 2^20 / sum of e  Q8, their sum is at most 1
 *   out      = sum of p[j] * v[j]                     rounded
 *
 * On the chip it is attend.S; attend_c is its specification, and what the host runs.
 */
#ifndef CHARLM_ATTEND_H
#define CHARLM_ATTEND_H

#include <stdint.h>

#include "charlm/falling.h"
#include "charlm/tape.h"

#define HEAD 8

/* out and q (HEAD,), which may be the same; ring (window, 2 * HEAD): of each character its key,
 * then its value, those of now at `position`, which is below window, a power of two up to 64; all
 * of these -127..127. room (window,) to work in. On the tape the biases, by distance (window,). */
SHARED tape attend_c(int8_t *out, const int8_t *q, const int8_t *ring, tape bias, int16_t *room,
                     uint8_t position, uint8_t window) {
    int16_t highest = INT16_MIN;
    for (uint8_t j = 0; j < window; j++) {
        int32_t sum = 0;
        for (uint8_t i = 0; i < HEAD; i++) {
            sum += (int16_t)(q[i] * ring[(uint16_t)j * 2 * HEAD + i]);
        }
        tape near = bias + ((uint8_t)(position - j) & (window - 1));
        room[j] = (int16_t)((int16_t)(sum >> 5) + 2 * (int8_t)flash_u8(&near));
        if (room[j] > highest) {
            highest = room[j];
        }
    }
    uint16_t total = 0;
    for (uint8_t j = 0; j < window; j++) {
        room[j] = (int16_t)(falling((uint16_t)((uint16_t)highest - (uint16_t)room[j])) >> 8);
        total = (uint16_t)(total + (uint16_t)room[j]);
    }
    uint16_t r = (uint16_t)((1UL << 20) / total);
    for (uint8_t j = 0; j < window; j++) {
        room[j] = (int16_t)(((uint32_t)(uint16_t)room[j] * r) >> 12);
    }
    for (uint8_t i = 0; i < HEAD; i++) {
        int16_t sum = 128;
        for (uint8_t j = 0; j < window; j++) {
            sum = (int16_t)(sum + room[j] * ring[(uint16_t)j * 2 * HEAD + HEAD + i]);
        }
        out[i] = (int8_t)(sum >> 8);
    }
    return bias + window;
}

#ifdef __AVR__
tape attend(int8_t *out, const int8_t *q, const int8_t *ring, tape bias, int16_t *room,
            uint8_t position, uint8_t window);
#else
#define attend attend_c
#endif

#endif
