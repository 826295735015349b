/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner of apps/digits.c, taught by a tape in flash, or by one that comes over the line,
 * again for each epoch; then it halts, its model in `net`. Over the line it sends it too. */
#include "apps/packed_digits.h"

#include "chip/halt.h"
#ifdef TAPE_ON_LINE
#include "apps/packed_line.h"
#include "chip/clock.h"
#endif

/* Here an epoch starts with half the step size of the one before. */
static IN_FLASH uint8_t falls[] = DIGITS_FALLS;

/* In a section of its own, which the start-up code leaves alone. */
static __attribute__((section(".noinit"))) uint8_t image[LEARNER_INPUTS];

/* Apart, so that its cycles can be counted. */
__attribute__((noinline)) uint8_t packed_digits_next(void) {
    return packed_digits_read(image);
}

static void learn(void) {
    uint8_t shift = 0;
    learner_reset(DIGITS_SEED);
    for (uint8_t epoch = 0; epoch < DIGITS_EPOCHS; epoch++) {
        if (shift < sizeof falls && falls[shift] == epoch) {
            shift++;
        }
        learner_set_rate(shift);
        packed_digits_rewind();
        for (uint16_t left = DIGITS; left != 0; left--) {
            uint8_t label = packed_digits_next();
            if (label < LEARNER_CLASSES) {
                learner_train(image, label);
            }
        }
    }
}

int main(void) {
#ifdef TAPE_ON_LINE
    clock_full_speed();
    uart_start();
    packed_begin();
    learn();
    const uint8_t *weights = learner_weights();
    for (uint16_t left = learner_weights_size(); left != 0; left--) {
        packed_put(*weights++);
    }
    packed_end();
#else
    learn();
#endif
    chip_halt();
}
