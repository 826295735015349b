/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 2-2-1 network that learns exclusive or by backpropagation, for 1 KB of flash and 64 B of SRAM.
 *
 *   x[i]  0 or 1                          input i = bit i of the pattern 0..3
 *   s[j]  = b[j] + sum over i of w[j][i] * x[i]
 *   h[j]  = max(0, s[j])                  (ReLU)
 *   o     = c + sum over j of v[j] * h[j]
 *   t     -1 or +1                        exclusive or of the two bits
 *   loss  = max(0, margin - t * o)        (hinge)
 *
 * One step goes down the gradient of the loss on one pattern, by rate 1/4 (1/8 for c):
 *   c += t / 8,  v[j] += t * h[j] / 4,
 *   and for s[j] > 0:  b[j] += t * v[j] / 4,  w[j][i] += t * v[j] * x[i] / 4
 * or does nothing when the pattern has its margin. A round is the patterns 0, 1, 2, 3. A round
 * without a step has seen all four right with the weights as they are: the end. After
 * THIMBLE_ROUNDS rounds a try has failed and the weights are drawn anew.
 *
 * w, b, v, h: Q6, 8 bits. c: Q4, 8 bits. o: Q12, 16 bits, and its high byte Q4. Steps are floored.
 * No sum is checked, for none can wrap: a try is determined by the 16 bits of the generator
 * that it starts from, and tests/firmware/test_thimble.py makes all 65,536 in unbounded integers.
 */
#ifndef KILOBYTE_THIMBLE_H
#define KILOBYTE_THIMBLE_H

#define THIMBLE_HIDDEN 2
#define THIMBLE_ROUNDS 32
#define THIMBLE_MARGIN 2      /* 1/8, in Q4 */
#define THIMBLE_BIAS_STEP 2   /* 1/8, in Q4 */
#define THIMBLE_ADDEND 0x3619 /* seed = 257 * seed + this: every seed comes once in 65,536 */

#endif
