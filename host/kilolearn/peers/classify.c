/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classifies one sample and halts: the same for every system, in C or C++. The host writes
 * `sample` after reset and reads `answer` at the end; what counts is `classify`. "system.h" brings
 * the type sample_value, INPUTS and answer_of(). */
#include <stdint.h>

#include "system.h"

#include "chip/halt.h"

sample_value sample[INPUTS] __attribute__((section(".noinit")));
volatile uint8_t answer;

#ifdef __cplusplus
#define C_NAME extern "C"
#else
#define C_NAME
#endif

C_NAME __attribute__((noinline)) uint8_t classify(void) {
    return answer_of(sample);
}

int main(void) {
    answer = classify();
    chip_halt();
}
