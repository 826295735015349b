/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of net/flash_layer.h and net/flash_layer16.h over one table of noise, for each size
 * of a group: on the chip as an image that halts, on the host as a library. */
#include <stdint.h>

#include "net/flash_layer16.h"
#include "probe_table.h"

#ifdef __AVR__
#include "chip/halt.h"
#define NOINIT __attribute__((section(".noinit")))
#else
#define NOINIT
#endif

uint8_t input[INPUTS] NOINIT;
int16_t sum[SIZES][2 * FLASH_GROUP_MAX] NOINIT;
uint8_t out[SIZES][2 * FLASH_GROUP_MAX] NOINIT;
uint8_t best[SIZES] NOINIT;
int16_t sum16[SIZES16][2 * FLASH_GROUP16_MAX] NOINIT;
uint8_t out16[4 * FLASH_GROUP16_MAX] NOINIT;

#define EACH_GROUP(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define EACH_GROUP16(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6)

void probe_run(void);

void probe_run(void) {
#define RUN(group)                                                                                 \
    flash_layer(sum[(group)-1], input, table, INPUTS, 2, group);                                   \
    rectify_all(out[(group)-1], sum[(group)-1], 2 * (group), 7, 127);                              \
    best[(group)-1] = best_class(sum[(group)-1], 2 * (group));
    EACH_GROUP(RUN)
#define RUN16(group) flash_layer16(sum16[(group)-1], input, table, INPUTS, 2, group);
    EACH_GROUP16(RUN16)
    rectify_all16(out16, sum16[SIZES16 - 1], 2 * SIZES16);
}

#ifdef __AVR__
int main(void) {
    probe_run();
    chip_halt();
}
#endif
