/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long soft_uart.c waits, for a clock that may be 10 % off: bits as long as the host's.
 *
 * The host's first 0x00 is low for nine bits. A loop of nine cycles counts it, so its turns are the
 * cycles of a bit. Until then bytes are lost, and what is sent has F_CPU / BAUD cycles a bit.
 *
 * A byte that has no stop bit, or begins before it is waited for, puts the bits in doubt again, and
 * the next 0x00 is measured. Bits that are too long or too short for a frame lead to one or the
 * other within it, since its bytes follow each other without a gap. */
#ifndef CHIP_BITS_MEASURED_H
#define CHIP_BITS_MEASURED_H

#include <avr/io.h>

#include "chip/uart.h"
#include "contract/soft_uart.h"

/* What is taken for a 0x00 is as long as nine bits of a clock that is up to a ninth slow or fast.
 */
#define BIT_CYCLES_MIN (BIT_CYCLES * 8 / 9)
#define BIT_CYCLES_MAX (BIT_CYCLES * 10 / 9)
/* From the sample of a stop bit to the next wait for a fall: 37 here, 25 in wire/frame_receive.c.
 */
#define CALLER_CYCLES 62
#define WAIT_CYCLES 10 /* of a wait for 0 */
/* From the fall, which a turn of three cycles sees up to three late and leaves two later, to the
 * sample of the start bit: half of what the caller leaves of a bit. */
#define START_WAIT(bit) ((uint16_t)((bit) / 2 - (CALLER_CYCLES / 2 + SEEN_CYCLES + WAIT_CYCLES)))

_Static_assert(
    BIT_CYCLES_MIN / 2 > CALLER_CYCLES / 2 + SEEN_CYCLES + WAIT_CYCLES,
    "BAUD is too fast to measure its bits at this HZ: choose another BAUD=, or CALIBRATE=0");
/* With BIT_IN_DOUBT, the last that was known: a refusal may have to go out with them. */
static uint16_t bit_cycles;
#define BIT_IN_DOUBT 0x8000

_Static_assert(BIT_CYCLES_MAX < BIT_IN_DOUBT,
               "BAUD is too slow to measure its bits at this HZ: choose another BAUD=");

typedef uint16_t bit_counter;

/* Assembly that takes the value of the register pair %[name] and WAIT_CYCLES. A turn takes four
 * cycles, and the lowest two bits of what it ends with are those of the value: a jump to the next
 * instruction takes one cycle more than the skip over it. */
#define WAIT(name)                                                                                 \
    "movw %[count], %[" #name "]\n"                                                                \
    "0: sbiw %[count], 4\n\t"                                                                      \
    "brcc 0b\n\t"                                                                                  \
    "sbrc %A[count], 0\n\t"                                                                        \
    "rjmp .+0\n\t"                                                                                 \
    "sbrc %A[count], 1\n\t"                                                                        \
    "rjmp .+0\n\t"                                                                                 \
    "sbrc %A[count], 1\n\t"                                                                        \
    "rjmp .+0\n\t"
#define WAITS_START [start] "r"(START_WAIT(bit_cycles))
#define WAITS_BIT(spent)                                                                           \
    [bit] "r"((uint16_t)((bit_cycles & ~BIT_IN_DOUBT) - (WAIT_CYCLES + (spent))))

/* A ninth of the next time that the line is low, in cycles, to the nearest: the first look is four
 * cycles later than the others, and so half a turn. */
static inline uint16_t ninth_of_low(void) {
    uint16_t turns;
    __asm__ volatile("1: sbis %[pin], %[rx]\n\t"
                     "rjmp 1b\n"
                     "2: sbic %[pin], %[rx]\n\t"
                     "rjmp 2b\n\t"
                     "ldi %A[turns], 0\n\t"
                     "ldi %B[turns], 0\n\t"
                     "rjmp .+0\n"
                     "3: adiw %[turns], 1\n\t"
                     "rjmp .+0\n\t"
                     "rjmp .+0\n\t"
                     "sbis %[pin], %[rx]\n\t"
                     "rjmp 3b"
                     : [turns] "=&w"(turns)
                     : [pin] "I"(_SFR_IO_ADDR(PINB)), [rx] "I"(SOFT_UART_RX));
    return turns;
}

/* Wait for a 0x00 and give it, with `lost` where something else was heard before or is_missed. */
static inline uart_byte measure_bits(uint8_t is_missed) {
    uart_byte zero = {0, is_missed};
    for (;;) {
        uint16_t cycles = ninth_of_low();
        if ((uint16_t)(cycles - BIT_CYCLES_MIN) <= BIT_CYCLES_MAX - BIT_CYCLES_MIN) {
            bit_cycles = cycles;
            return zero;
        }
        zero.lost = 1;
    }
}

#endif
