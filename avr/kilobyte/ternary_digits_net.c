/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kilobyte/ternary_digits_net.h"

#include "codec/ternary.h"

#ifdef APP_CONFIG
#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective
#else
/* cppcheck-suppress preprocessorErrorDirective */
#error "digits needs the weights that kilolearn.codecs.ternary_digits writes"
#endif

#define ROW 8        /* pixels of the image */
#define KERNEL_ROW 5 /* one byte in flash: TERNARY_DIGITS weights */

_Static_assert(KERNEL_ROW == TERNARY_DIGITS && DIGITS_CLASSES % TERNARY_DIGITS == 0,
               "no byte may hold weights of two rows");
_Static_assert(DIGITS_SCORE_MAX <= INT16_MAX, "no image may make a score leave 16 bits");

#define NOINIT __attribute__((section(".noinit")))

NOINIT uint8_t image[DIGITS_IMAGE_BYTES];
NOINIT int16_t score[DIGITS_CLASSES];

/* The weight on top of a byte, times value, joins the sum. */
KERNEL int16_t add_weighted(int16_t sum, uint8_t fraction, int16_t value) {
    if (fraction < TERNARY_ZERO) {
        sum -= value;
    } else if (fraction >= TERNARY_PLUS) {
        sum += value;
    }
    return sum;
}

/* Brings the next weight of a byte to its top. */
KERNEL uint8_t next_weight(uint8_t fraction) {
    return (uint8_t)(fraction + (uint8_t)(fraction << 1));
}

KERNEL uint8_t pixel_at(uint8_t at) {
    uint8_t two = image[at >> 1];
    return at & 1 ? two >> 4 : two & 15;
}

/* One sum[c][p], p = at; weight: the channel's bias and kernel. Exact: 25 * 15 + 128 < 2^15. */
KERNEL int16_t window_sum(IN_FLASH uint8_t **weight, uint8_t at) {
    int16_t sum = (int8_t)codec_byte(weight);
    for (uint8_t rows = KERNEL_ROW; rows != 0; rows--) {
        uint8_t fraction = codec_byte(weight);
        for (uint8_t left = KERNEL_ROW; left != 0; left--) {
            sum = add_weighted(sum, fraction, pixel_at(at++));
            fraction = next_weight(fraction);
        }
        at += ROW - KERNEL_ROW;
    }
    return sum;
}

/* What a feature says to all ten scores. */
KERNEL void vote(IN_FLASH uint8_t **weight, int16_t feature) {
    int16_t *to = score;
    for (uint8_t bytes = DIGITS_CLASSES / TERNARY_DIGITS; bytes != 0; bytes--) {
        uint8_t fraction = codec_byte(weight);
        for (uint8_t left = TERNARY_DIGITS; left != 0; left--) {
            *to = add_weighted(*to, fraction, feature);
            to++;
            fraction = next_weight(fraction);
        }
    }
}

/* From one corner of a square of 2 x 2 places, `side` apart, to the next: 0, 1, 8, 9, and 16. */
KERNEL uint8_t next_place(uint8_t at, uint8_t side) {
    return (uint8_t)(at & side ? at + ROW * side - side : at + side);
}

uint8_t digits_classify(void) {
    for (uint8_t d = 0; d < DIGITS_CLASSES; d++) {
        score[d] = 0;
    }
    IN_FLASH uint8_t *weight = digits_weights;
    for (uint8_t channels = DIGITS_CHANNELS; channels != 0; channels--) {
        IN_FLASH uint8_t *kernel = weight;
        weight += 1 + KERNEL_ROW;
        for (uint8_t quarter = 0; quarter < 2 * 2 * ROW; quarter = next_place(quarter, 2)) {
            int16_t feature = 0;
            for (uint8_t place = 0; place < 2 * ROW; place = next_place(place, 1)) {
                IN_FLASH uint8_t *again = kernel;
                int16_t sum = window_sum(&again, quarter + place);
                if (sum > feature) {
                    feature = sum;
                }
            }
            vote(&weight, feature);
        }
    }
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
