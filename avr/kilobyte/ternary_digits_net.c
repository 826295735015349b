/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kilobyte/ternary_digits_net.h"

#include "fixed/kernel.h"

#ifdef APP_CONFIG
#include "fixed/flash.h"
#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective
#else
/* cppcheck-suppress preprocessorErrorDirective */
#error "digits needs the weights that kilolearn.codecs.ternary_digits writes"
#endif

KERNEL uint8_t pixel_at(const uint8_t *pixels, uint8_t at) {
    uint8_t two = pixels[at >> 1];
    return at & 1 ? two >> 4 : two & 15;
}

#define WINDOWS_PIXEL pixel_at
#define WINDOWS_CHANNELS DIGITS_CHANNELS
#define WINDOWS_SCORES DIGITS_CLASSES
#include "codec/windows.h"

_Static_assert(DIGITS_SCORE_MAX <= INT16_MAX, "no image may make a score leave 16 bits");

#define NOINIT __attribute__((section(".noinit")))

NOINIT uint8_t image[DIGITS_IMAGE_BYTES];
NOINIT int16_t score[DIGITS_CLASSES];

uint8_t digits_classify(void) {
    windows_scores(score, image, digits_weights);
    uint8_t digit = 0;
    int16_t best = score[0];
    for (uint8_t d = 1; d < DIGITS_CLASSES; d++) {
        if (score[d] > best) {
            best = score[d];
            digit = d;
        }
    }
    return digit;
}
