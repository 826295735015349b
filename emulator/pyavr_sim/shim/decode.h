/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode.h  predecoded flash: one instruction a word address, so that a jump needs no look-up.
 *
 * Source: AVR Instruction Set Manual, DS40002198.
 */
#ifndef PYAVR_SIM_DECODE_H
#define PYAVR_SIM_DECODE_H

#include <stdint.h>

/* Every handler of the executor: name, most cycles that it takes (a taken branch, a skip over two
 * words), and whether the straight line ends behind it, so that the executor asks again whether the
 * next one fits. Source: the manual's summary table, column AVRe. */
/* clang-format off */
#define OPERATIONS(X)                                                                          \
    /* arithmetic and logic */                                                                     \
    X(add, 1, 0) X(adc, 1, 0) X(sub, 1, 0) X(subi, 1, 0) X(sbc, 1, 0) X(sbci, 1, 0) X(and, 1, 0)   \
    X(andi, 1, 0) X(or, 1, 0) X(ori, 1, 0) X(eor, 1, 0) X(com, 1, 0) X(neg, 1, 0) X(inc, 1, 0)     \
    X(dec, 1, 0) X(cp, 1, 0) X(cpc, 1, 0) X(cpi, 1, 0) X(adiw, 2, 0) X(sbiw, 2, 0) X(mul, 2, 0)    \
    X(muls, 2, 0) X(mulsu, 2, 0) X(fmul, 2, 0) X(fmuls, 2, 0) X(fmulsu, 2, 0)                      \
    /* change of flow */                                                                           \
    X(rjmp, 2, 1) X(ijmp, 2, 1) X(jmp, 3, 1) X(rcall, 3, 1) X(icall, 3, 1) X(call, 4, 1)           \
    X(ret, 4, 1) X(reti, 4, 1) X(cpse, 3, 1) X(sbrc, 3, 1) X(sbrs, 3, 1) X(sbic, 3, 1)             \
    X(sbis, 3, 1) X(brcs, 2, 1) X(breq, 2, 1) X(brmi, 2, 1) X(brvs, 2, 1) X(brlt, 2, 1)            \
    X(brhs, 2, 1) X(brts, 2, 1) X(brie, 2, 1) X(brcc, 2, 1) X(brne, 2, 1) X(brpl, 2, 1)            \
    X(brvc, 2, 1) X(brge, 2, 1) X(brhc, 2, 1) X(brtc, 2, 1) X(brid, 2, 1)                          \
    /* data transfer */                                                                            \
    X(mov, 1, 0) X(movw, 1, 0) X(ldi, 1, 0) X(lds, 2, 0) X(ld, 2, 0) X(ld_inc, 2, 0)               \
    X(ld_dec, 2, 0) X(ldd, 2, 0) X(sts, 2, 0) X(st, 2, 0) X(st_inc, 2, 0) X(st_dec, 2, 0)          \
    X(std, 2, 0) X(push, 2, 0) X(pop, 2, 0) X(lpm, 3, 0) X(lpm_inc, 3, 0) X(elpm, 3, 0)            \
    X(elpm_inc, 3, 0) X(spm, 1, 1) X(in, 1, 0) X(out, 1, 0)                                                                     \
    /* bits */                                                                                     \
    X(lsr, 1, 0) X(ror, 1, 0) X(asr, 1, 0) X(swap, 1, 0) X(bst, 1, 0) X(bld, 1, 0) X(bclr, 1, 0)   \
    X(bset, 1, 0) X(sbi, 2, 0) X(cbi, 2, 0)                                                        \
    /* control */                                                                                  \
    X(nop, 1, 0) X(sleep, 1, 1) X(wdr, 1, 1) X(break, 1, 0) X(illegal, 1, 1) X(erased, 3, 1)                       \
    /* not in flash: past its end, and a word with a watch on it */                                \
    X(end_of_flash, 1, 1) X(watch, 0, 1)
/* clang-format on */

typedef enum {
#define X(name, cycles, ends_line) OP_##name,
    OPERATIONS(X)
#undef X
        OP_COUNT
} operation;

typedef struct {
    const void *handler; /* label in the executor; OP_watch's where a watch stands */
    uint8_t op;          /* operation */
    uint8_t d;           /* destination register; I/O data address of sbi, cbi, sbic, sbis */
    uint8_t r;           /* source or pointer register, bit mask or bit number */
    uint8_t words;       /* 1 or 2 */
    uint16_t k;          /* constant, displacement, data address or target word */
    uint16_t span;       /* most cycles from here to the end of the straight line, inclusive */
} insn;

/* What not every chip's core has. */
enum { CORE_MUL = 1, CORE_JMP_CALL = 2, CORE_RAMPZ = 4 };

/* Decode the word at `at` of a flash of `flash_words` words; all fields but handler and span. */
insn decode(const uint8_t *flash, uint32_t flash_words, uint32_t at, unsigned core_has);

#endif
