/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/packed_digits.h"

#ifndef APP_CONFIG
/* cppcheck-suppress preprocessorErrorDirective */
#error "packed_digits has no config of its own: kilolearn bench codecs writes them"
#endif

/* CODEC(read) is dct_read where the config says DIGITS_CODEC dct. */
#define JOIN(codec, name) codec##_##name
#define EXPANDED(codec, name) JOIN(codec, name)
#define CODEC(name) EXPANDED(DIGITS_CODEC, name)

#define LABEL_BITS 4

static CODEC(stream) stream;

void packed_digits_rewind(void) {
#ifdef TAPE_ON_LINE
    tape_open(&stream.tape);
#else
    tape_open(&stream.tape, digits_tape, sizeof digits_tape);
#endif
    CODEC(open)(&stream, digits_code);
}

uint8_t packed_digits_read(uint8_t *image) {
    uint8_t label = tape_bits(&stream.tape, LABEL_BITS);
    CODEC(read)(&stream, image, LEARNER_INPUTS);
    return label;
}
