/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transformer's layers, in C and in assembly, on the same operands. After reset the host writes
 * what is below, and into flash the tape; `layer` says which is called. */
#include "charlm/attend.h"
#include "charlm/bisection.h"
#include "charlm/levels.h"
#include "charlm/norm.h"
#include "chip/halt.h"

#define WIDTH 64
#define WINDOW 16
#define LOGITS 66
#define TAPE 300

/* Start-up code leaves them alone. */
#define KEPT __attribute__((section(".noinit")))

const uint8_t weights[TAPE] FLASH = {1};

KEPT uint8_t layer, in_c, n, count, position, window;
KEPT uint16_t start;
KEPT int16_t limit;
KEPT uint32_t root;
KEPT int8_t bytes[WIDTH];
KEPT int16_t words[LOGITS];
KEPT uint16_t acc[1 + WIDTH];
KEPT int8_t ring[2 * WINDOW * HEAD];
KEPT int8_t query[HEAD];
KEPT int16_t room[WINDOW];
KEPT volatile uint16_t returned;

/* In place of the coder: keeps what it is told. */
uint8_t coder_bit(coder *stream, uint16_t p, uint8_t bit) {
    (void)stream;
    acc[n++] = p;
    return bit;
}

#define TIMED __attribute__((noinline, noclone))
#define TAPE_AFTER(...) (uint16_t)(__VA_ARGS__ - weights)

#define CALL(C)                                                                                    \
    switch (layer) {                                                                               \
    case 0:                                                                                        \
        returned = TAPE_AFTER(rows_to_bytes##C(query, weights, bytes, start, n, count));           \
        break;                                                                                     \
    case 1:                                                                                        \
        returned = TAPE_AFTER(rows_to_logits##C(words, weights, bytes, start, n, count));          \
        break;                                                                                     \
    case 2:                                                                                        \
        returned = TAPE_AFTER(rows_add##C(acc, weights, bytes, n, count));                         \
        break;                                                                                     \
    case 3:                                                                                        \
        returned = TAPE_AFTER(feed_forward##C(acc, weights, bytes, start, n, count));              \
        break;                                                                                     \
    case 4:                                                                                        \
        returned = TAPE_AFTER(scaled_add##C(words, weights, acc, limit, n));                       \
        break;                                                                                     \
    case 5:                                                                                        \
        returned = norm##C(bytes, words, weights, root, n);                                        \
        break;                                                                                     \
    case 6:                                                                                        \
        returned = TAPE_AFTER(attend##C(bytes, query, ring, weights, room, position, window));     \
        break;                                                                                     \
    case 7:                                                                                        \
        frequencies##C((uint16_t *)words, count);                                                  \
        break;                                                                                     \
    default:                                                                                       \
        returned = frequencies_code##C(0, (const uint16_t *)words, count, position);               \
    }

TIMED void call_in_c(void){CALL(_c)}

TIMED void call(void) {
    CALL()
}

int main(void) {
    if (in_c) {
        call_in_c();
    } else {
        call();
    }
    chip_halt();
}
