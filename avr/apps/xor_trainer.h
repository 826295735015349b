/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 2-3-1 network that learns exclusive or by backpropagation, in 8-bit integers.
 *
 *   x[i]  -1 or +1                        input i = bit i of the pattern 0..3
 *   s[j]  = b[j] + sum over i of w[j][i] * x[i]
 *   h[j]  = s[j] held in -1..+1           (hard tanh)
 *   o     = c + sum over j of v[j] * h[j]
 *   t     -1 or +1                        exclusive or of the two bits
 *   loss  = max(0, margin - t * o)        (hinge)
 *
 * One step goes down the exact gradient of the loss on one pattern with the rate 2^-XOR_RATE_SHIFT:
 *   c += rate * t,  v[j] += rate * t * h[j],
 *   and for |s[j]| < 1:  b[j] += rate * t * v[j],  w[j][i] += rate * t * v[j] * x[i]
 * or does nothing when the pattern has its margin. After four such patterns in a row the weights
 * have stood still for one whole round, so all four are right with the weights as they are.
 *
 * w, b, v, c, h: Q6 (XOR_ONE = 64 is 1.0), weights saturate at -2 and 127/64. s: Q6. o: Q12.
 */
#ifndef APPS_XOR_TRAINER_H
#define APPS_XOR_TRAINER_H

#include <stdint.h>

#define XOR_HIDDEN 3
#define XOR_ONE 64
#define XOR_MARGIN 4096 /* 1.0 in Q12 */
#define XOR_RATE_SHIFT 2
#define XOR_PATTERNS 4

typedef struct {
    int8_t weight[2];
    int8_t bias;
    int8_t output_weight; /* v[j] */
    int8_t activation;    /* h[j] of the last forward pass */
} xor_unit;

typedef struct {
    xor_unit hidden[XOR_HIDDEN];
    int8_t output_bias; /* c */
} xor_network;

#define XOR_RESTART_STEPS 256 /* fresh weights when these have not sufficed; a power of 2 */
#define XOR_STEPS_MAX 0xFFFF

typedef struct {
    uint8_t
        status; /* 1: every pattern has its margin; 0: still learning, or stopped by STEPS_MAX */
    uint16_t steps; /* calls of xor_train, over all restarts */
} xor_result;

/* All three in .noinit: the start-up code leaves them alone. */
extern xor_network net;
extern xor_result result;
extern uint16_t seed; /* state of the random weights: any value is good */

/* From fresh weights to a network that has learnt, with every restart and step counted. */
void xor_learn(void);

/* Fresh weights in -1..+1, from the random source. */
void xor_randomise(void);

/* o in Q12 for a pattern 0..3, leaving the activations in net. */
int16_t xor_infer(uint8_t pattern);

/* One step. 1: the pattern had its margin and nothing was changed; 0: the weights moved. */
uint8_t xor_train(uint8_t pattern);

#endif
