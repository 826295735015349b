/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long soft_uart.c waits, for a clock that is known: F_CPU / BAUD cycles a bit. */
#ifndef CHIP_BITS_FIXED_H
#define CHIP_BITS_FIXED_H

#include <stdint.h>

/* From the sample of a stop bit to the next wait for a fall: 15 here, 25 in wire/frame_receive.c.
 */
#define CALLER_CYCLES 40
/* By how much nine bits of whole cycles are too short. */
#define DRIFT_CYCLES (9 * ((int32_t)F_CPU - (int32_t)(BIT_CYCLES * BAUD)) / (int32_t)BAUD)
/* From the fall, which a turn of three cycles sees up to three late and leaves two later, to the
 * sample of the start bit, and as many behind their begin the samples of the others. */
#define START_CYCLES ((int32_t)(BIT_CYCLES - CALLER_CYCLES) / 2 + DRIFT_CYCLES)
/* Of a wait: three, unless its turns would not fit a byte. */
#define TURN_CYCLES (BIT_CYCLES <= 3 * 255 ? 3 : 4)

_Static_assert(START_CYCLES >= SEEN_CYCLES + 3,
               "BAUD is too fast to count its bits at this HZ: choose another BAUD=");
_Static_assert(BIT_CYCLES <= 4 * 255,
               "BAUD is too slow to count its bits at this HZ: choose another BAUD=");

typedef uint8_t bit_counter;

/* Assembly that takes exactly operand %[name_turns] times TURN_CYCLES and %[name_rest] more. */
#define WAIT(name)                                                                                 \
    "ldi %[count], %[" #name "_turns]\n"                                                           \
    "0: .rept %[turn_nops]\n\t"                                                                    \
    "nop\n\t"                                                                                      \
    ".endr\n\t"                                                                                    \
    "dec %[count]\n\t"                                                                             \
    "brne 0b\n\t"                                                                                  \
    ".rept %[" #name "_rest]\n\t"                                                                  \
    "nop\n\t"                                                                                      \
    ".endr\n\t"
#define WAITS(name, cycles)                                                                        \
    [name##_turns] "M"((cycles) / TURN_CYCLES), [name##_rest] "n"((cycles) % TURN_CYCLES)
#define WAITS_START WAITS(start, START_CYCLES - SEEN_CYCLES)
#define WAITS_BIT(spent) WAITS(bit, BIT_CYCLES - (spent)), [turn_nops] "n"(TURN_CYCLES - 3)

#endif
