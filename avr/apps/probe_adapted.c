/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the transformer learns of a text, in C and in assembly, on the same state. After reset the
 * host writes what is below; `part` says which is called. */
#include "charlm/transformer_16k_tables.h"

#include "charlm/adapted.h"
#include "chip/halt.h"

/* Start-up code leaves them alone. */
#define KEPT __attribute__((section(".noinit")))

KEPT uint8_t part, in_c, symbol;
KEPT uint8_t state[sizeof(adapted)];
KEPT uint16_t words[SYMBOLS];

#define TIMED __attribute__((noinline, noclone))

#define CALL(C)                                                                                    \
    switch (part) {                                                                                \
    case 0:                                                                                        \
        adapted_shift##C((adapted *)state, (int16_t *)words);                                      \
        break;                                                                                     \
    case 1:                                                                                        \
        adapted_learn##C((adapted *)state, words, symbol);                                         \
        break;                                                                                     \
    default:                                                                                       \
        adapted_push##C((adapted *)state, symbol);                                                 \
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
