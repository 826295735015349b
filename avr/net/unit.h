/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hidden unit of a net of any depth: its activation, and the chain rule through it.
 *
 *   RECTIFIER  a = s held in 0..A
 *   LEAKY      a = Z + (s >= 0 ? s : s / 2^LEAK), held in 0..A;  Z = A / 4: the zero is raised, so
 *              that an activation needs no sign. The next layer's bias takes Z away again.
 *   SIGMOID    a = A / (1 + exp(-s / 256))
 *
 * A = 2^bits - 1, the ceiling. `kind` and `bits` are constants at each call; bits 4..7.
 */
#ifndef NET_UNIT_H
#define NET_UNIT_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/saturate.h"
#include "fixed/sigmoid.h"
#include "net/activation.h"

#define RECTIFIER 1
#define LEAKY 2
#define SIGMOID 3

#define LEAK 3
#define LEAKY_ZERO(bits) (1 << ((bits)-2))

/* s -> a. s any 16 bits but the outermost 128 of them. */
KERNEL uint8_t unit_activate(int16_t sum, uint8_t kind, uint8_t bits) {
    uint8_t ceiling = (uint8_t)((1 << bits) - 1);
    if (kind == SIGMOID) {
        return (uint8_t)(sigmoid_q8(sum) >> (8 - bits));
    }
    if (kind == LEAKY) {
        sum = (int16_t)(rectify_leaky(sum, LEAK) + LEAKY_ZERO(bits));
    }
    return saturate_u8(sum, ceiling);
}

/* d a / d s, from a; Q6, 0..64. For the sigmoid 4 y (1 - y): its steepest counts 1, so that the
 * chain keeps its scale through any depth. */
KERNEL uint8_t unit_slope(uint8_t activation, uint8_t kind, uint8_t bits) {
    uint8_t ceiling = (uint8_t)((1 << bits) - 1);
    if (kind == SIGMOID) {
        return sigmoid_slope_q8((uint8_t)(activation << (8 - bits)));
    }
    if (activation == 0 || activation == ceiling) {
        return 0;
    }
    return kind == LEAKY && activation < LEAKY_ZERO(bits) ? 64 >> LEAK : 64;
}

#endif
