/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arithmetic of charlm/ that has an assembly version, in C and in assembly on the same
 * operands. The host writes these after reset, and tables behind the image. */
#define GUESSES 2
#define FOLLOWS 1
#define READOUTS 1

#include "charlm/learned.h"
#include "chip/halt.h"

#define STREAM 8

/* Start-up code leaves them alone. */
__attribute__((section(".noinit"))) struct {
    uint16_t row[ROWS_ACTIVE]; /* addresses in flash, as `levels` and `votes` */
    uint16_t levels;
    uint8_t unit[HIDDEN]; /* of which `chunk` pairs add up in 8 bits */
    uint8_t chunk;
    uint16_t votes;
    uint16_t context[CONTEXTS];
    history past;
    uint16_t salt;
    int8_t vote;
    int16_t z;
    int8_t weight[HIDDEN];
    int16_t step;
    uint16_t carried;
    int8_t high;
    uint16_t low;
    int8_t slope;
    int16_t known;
    uint8_t gain;
    uint16_t a;
    uint8_t b;
    coder stream;
    uint16_t p;
    uint8_t bit;
} operands;

typedef struct {
    uint8_t unit[HIDDEN];
    uint16_t total;
    uint16_t sum;
    int8_t poll;
    uint16_t p;
    int16_t dot;
    int8_t nudged;
    uint16_t nudged_carried;
    int8_t weight[HIDDEN];
    uint16_t weight_carried;
    uint8_t gain;
    uint16_t gain_carried;
    uint16_t product;
    uint16_t hash;
    uint16_t context[CONTEXTS];
    coder stream;
    uint8_t bit;
    uint8_t moved; /* bytes that the coder gave or took */
    uint8_t put[STREAM];
} results;

results in_c, in_assembly;
static results *now;

void coder_put(uint8_t byte) {
    now->put[now->moved++ % STREAM] = byte;
}

/* 1, 2, 3 ... */
uint8_t coder_get(void) {
    return ++now->moved;
}

static void copy(int8_t *to, const int8_t *from) {
    for (uint8_t j = 0; j < HIDDEN; j++) {
        to[j] = from[j];
    }
}

#define IN_C(name) name##_c
#define IN_ASSEMBLY(name) name
#define COMPUTE(SUCH)                                                                              \
    now->total = SUCH(prior_units)(now->unit, row, HIDDEN / 2);                                    \
    now->sum = SUCH(prior_sum)(operands.unit, levels, HIDDEN / 2, operands.chunk);                 \
    now->poll = SUCH(prior_poll)(operands.context, operands.salt, votes, operands.vote);           \
    now->p = SUCH(logistic_at)(operands.z, logistic_below);                                        \
    now->dot = SUCH(learned_dot)(operands.weight, operands.unit, HIDDEN);                          \
    now->nudged = operands.weight[0];                                                              \
    now->nudged_carried = operands.carried;                                                        \
    SUCH(learned_nudge)(&now->nudged, operands.high, operands.low, &now->nudged_carried);          \
    copy(now->weight, operands.weight);                                                            \
    now->weight_carried = operands.carried;                                                        \
    SUCH(learned_readout)                                                                          \
    (now->weight, operands.unit, HIDDEN, operands.step, &now->weight_carried);                     \
    now->gain = operands.gain;                                                                     \
    now->gain_carried = operands.carried;                                                          \
    SUCH(learned_gain)(&now->gain, operands.slope, operands.known, &now->gain_carried);            \
    now->product = SUCH(product_high)(operands.a, operands.b);                                     \
    now->hash = SUCH(history_product)(operands.a);                                                 \
    SUCH(history_contexts)(&operands.past, now->context);                                          \
    now->stream = operands.stream;                                                                 \
    now->bit = SUCH(coder_bit)(&now->stream, operands.p, operands.bit)

int main(void) {
    IN_FLASH uint8_t *row[ROWS_ACTIVE];
    for (uint8_t r = 0; r < ROWS_ACTIVE; r++) {
        row[r] = (IN_FLASH uint8_t *)operands.row[r];
    }
    IN_FLASH uint8_t *levels = (IN_FLASH uint8_t *)operands.levels;
    IN_FLASH uint8_t *votes = (IN_FLASH uint8_t *)operands.votes;
    now = &in_c;
    COMPUTE(IN_C);
    now = &in_assembly;
    COMPUTE(IN_ASSEMBLY);
    chip_halt();
}
