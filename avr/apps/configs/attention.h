/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Associative recall: four pairs of key 0..7 and value 8..15, one of the keys again; which value?
 * The projections are fitted by tools/fit_attention.py, the output layer is learned on the chip. */

#define LEARNER_NAME "attention"
#define LEARNER_INPUTS 9
#define LEARNER_CLASSES 8
#define LEARNER_INPUT_MAX 15

#define SCORE_SHIFT 3
#define MARGIN 256
#define STEP 12 /* at full rate: 2^-STEP of 256 times an input, in units of a weight */
#define START 16

// clang-format off
#define QUERY \
    {{-24, 56, 45, -97, 6, 13, 3, 58}, \
     {38, -50, 20, 2, 28, -33, -9, 61}, \
     {-5, 20, 2, 21, 32, 19, 11, 21}, \
     {-118, -127, 27, -86, 2, 6, 6, 1}, \
     {-48, 91, -29, 19, -1, -32, -1, 24}, \
     {-17, -10, -3, -15, 7, 2, 6, -65}, \
     {-78, 23, -115, -43, 12, -1, -6, -61}, \
     {73, -24, -91, -73, -10, 6, 8, -6}}
#define KEY \
    {{-1, -5, -3, 68, -20, 72, 36, -54}, \
     {-10, 11, -3, 29, 52, -59, 12, -15}, \
     {-13, -12, -5, -22, 14, 31, -20, -16}, \
     {6, 2, -1, -15, -89, -86, 0, -48}, \
     {1, 4, 1, 26, -51, 86, -20, 5}, \
     {-2, -3, -3, -54, -18, -17, 6, 11}, \
     {0, 1, 4, 8, -73, 5, -113, 13}, \
     {0, -2, 0, 55, 86, -31, -127, -17}}
#define VALUE \
    {{-99, -91, -98, 1, 5, -7, 5, -5}, \
     {103, 76, -70, -10, -4, 3, -2, -4}, \
     {117, -102, 103, 2, -9, 3, -2, -4}, \
     {60, -119, -81, 15, 0, 10, -3, 5}, \
     {6, 80, -116, 8, -3, -1, 21, -3}, \
     {43, 7, -97, 5, -2, -1, -2, 7}, \
     {-100, -115, -60, 14, 2, 13, 6, 39}, \
     {127, -93, -59, 1, -4, 3, 12, 16}}
#define ATTENTION_SHIFT 4
// clang-format on
