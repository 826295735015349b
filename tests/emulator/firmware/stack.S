; SPDX-License-Identifier: GPL-3.0-or-later
; A stack whose depth can be counted by hand. Labels mark where each depth is reached.
;
;   main     rcall outer                 2
;   outer    push r16, push r17          4
;            frame of 252 bytes        256   (by SPH then SPL, or the other way round)
;            rcall leaf                258
;   leaf     push r18                  259
#include <avr/io.h>
#define FRAME 252

; The low byte of SP grows when the frame comes, so SP is 4 too low for a moment in either order:
; SPH first when the frame comes, SPL first when it goes.
    .macro set_stack_pointer
#ifdef LOW_FIRST
    out _SFR_IO_ADDR(SPL), r28
    out _SFR_IO_ADDR(SPH), r29
#elif defined(BY_STORE)
    sts SPH, r29
    sts SPL, r28
#else
    out _SFR_IO_ADDR(SPH), r29
    out _SFR_IO_ADDR(SPL), r28
#endif
    .endm

    .global outer, framed, leaf, done
    .text
    ldi r24, lo8(RAMEND)
    ldi r25, hi8(RAMEND)
    out _SFR_IO_ADDR(SPH), r25
    out _SFR_IO_ADDR(SPL), r24
    rcall outer
done:
    cli
    sleep
outer:
    push r16
    push r17
    in r28, _SFR_IO_ADDR(SPL)
    in r29, _SFR_IO_ADDR(SPH)
    subi r28, lo8(FRAME)
    sbci r29, hi8(FRAME)
    set_stack_pointer
framed:
    rcall leaf
    subi r28, lo8(-FRAME)
    sbci r29, hi8(-FRAME)
    set_stack_pointer
    pop r17
    pop r16
    ret
leaf:
    push r18
    pop r18
    ret
