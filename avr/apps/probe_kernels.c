/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels that have an assembly version, in C and in assembly on the same operands. The host
 * writes `weight` and `input` after reset, reads the results at the end, and times the functions
 * below. Shapes as in apps/digits.c. */
#include "chip/halt.h"
#include "net/columns.h"

#define INPUTS 41
#define PIXELS 64
#define BITS 5
#define SHIFT 4
#define TIMED __attribute__((noinline, noclone))

/* Start-up code leaves them alone. */
#define KEPT __attribute__((section(".noinit")))

KEPT int8_t weight[INPUTS][COLUMNS];
KEPT uint8_t input[PIXELS];
uint16_t sums_in_c[COLUMNS], sums[COLUMNS];
int16_t scores_in_c[COLUMNS], scores[COLUMNS];

TIMED void time_sum_in_c(void) {
    columns_sum_c(sums_in_c, weight[0], input, 4, 4, 4, BITS);
}

TIMED void time_sum(void) {
    columns_sum(sums, weight[0], input, 4, 4, 4, BITS);
}

TIMED void time_score_in_c(void) {
    columns_score_c(scores_in_c, weight[0], input, INPUTS, SHIFT, BITS);
}

TIMED void time_score(void) {
    columns_score(scores, weight[0], input, INPUTS, SHIFT, BITS);
}

int main(void) {
    time_sum_in_c();
    time_sum();
    time_score_in_c();
    time_score();
    chip_halt();
}
