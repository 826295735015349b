/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 8 x 8 digits under any representation of the weights (codec/).
 *
 *   hidden[j]  = floor((sum over i of weight[j][i] * sample[i] + bias[j]) / 2^shift), 0..31
 *   score[k]   = sum over j of weight[k][j] * hidden[j] + bias[k]
 *   prediction = the class with the highest score, the smaller one of equals
 *
 * 64 inputs 0..16, 32 hidden units, 10 classes; biases int16. The config is written by the host
 * with the weights in it (kilolearn/codecs/net.py).
 */
#ifndef APPS_CODEC_DIGITS_NET_H
#define APPS_CODEC_DIGITS_NET_H

#include <stdint.h>

#define DIGITS_INPUTS 64
#define DIGITS_HIDDEN 32
#define DIGITS_CLASSES 10
#define DIGITS_HIDDEN_MAX 31

/* All three in .noinit: the start-up code leaves them alone. */
extern uint8_t sample[DIGITS_INPUTS];
extern int16_t score[DIGITS_CLASSES];
extern uint8_t prediction;

/* From `sample` to `score` and `prediction`. */
void codec_digits_infer(void);

#endif
