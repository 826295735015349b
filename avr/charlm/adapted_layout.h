/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of names.h and adapted.h that adapted.S has to know, too. */
#ifndef CHARLM_ADAPTED_LAYOUT_H
#define CHARLM_ADAPTED_LAYOUT_H

/* Symbols: marks, of which the line feed is the first, capitals, small letters. */
#define LINE_FEED 0
#define CAPITALS 13
#define SMALLS 39
#define TO_SMALL (SMALLS - CAPITALS)

/* What is kept: a letter, and beside it how sure it is. */
#define NAMES 204
#define LETTER 63
#define DOUBTED 64
#define NEW 128
#define CONFIDENCES 3

#define RECENT 4 /* speakers' initials */
#define BOOSTS (RECENT + 2 * CONFIDENCES)
#define BOOST_START 96 /* Q5 */
#define BOOST_STEP 8

#define NO_WORD 0
#define SMALL_WORD 1
#define CAPITAL_WORD 2

#define BIAS_SHIFT 2   /* a unit of bias is 1/128 bit */
#define WARMTH_STEP 32 /* a unit of warmth is 256 of the norm's root */
#define WARMTH_LIMIT 4096
#define GOLDEN 40503     /* 65536 / 1.618 */
#define SURPRISE_SHIFT 4 /* of a sum / 2^8: 1/16, 4 bits, are a surprise */

/* Where things lie in `adapted`. */
#define AT_WARMTH 0
#define AT_FRACTION 2
#define AT_IN_LINE 4
#define AT_IN_SPEECH 5
#define AT_WORD 6
#define AT_BEGINNING 7
#define AT_GUESSES 8
#define AT_BOOSTED 9
#define AT_GUESSED 10
#define AT_BOOST 15
#define AT_KEPT 25
#define AT_BIAS 229

#endif
