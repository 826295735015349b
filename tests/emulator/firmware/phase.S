; SPDX-License-Identifier: GPL-3.0-or-later
; Timer 0 overflows somewhere in a loop of instructions of every length; the test puts TCNT0's first
; value into r20 and the address of `routine` (in words) into Z when it stops at `start`.
; With -DNOPS the loop is of single cycles, so that the flag can be seen in the cycle it is set.
#include <avr/io.h>

#ifdef TIMSK0
#define TIMSK_ADDRESS TIMSK0
#else
#define TIMSK_ADDRESS TIMSK
#endif
    .global main, start, running, TIMER0_OVF_vect
main:
    ldi r21, 1
    ldi r22, 1 << TOIE0
    sts TIMSK_ADDRESS, r22
    ldi r30, pm_lo8(routine)
    ldi r31, pm_hi8(routine)
    ldi r16, 1
    clr r17
#ifdef ASLEEP
    ldi r18, 1 << SE            ; idle
#ifdef SMCR
    out _SFR_IO_ADDR(SMCR), r18
#else
    out _SFR_IO_ADDR(MCUCR), r18
#endif
#endif
start:
    out _SFR_IO_ADDR(TCCR0B), r21
    out _SFR_IO_ADDR(TCNT0), r20
#ifdef NOPS
running:
    .rept 300
    nop
    .endr
#else
    sei
#ifdef ASLEEP
running:
    sleep
#else
running:
    nop                 ; 1
    adiw r24, 1         ; 2
    lpm r19, Z          ; 3
    icall               ; 3
    sbrs r16, 0         ; 2, skips a word
    nop
    sbrs r16, 0         ; 3, skips two words
    sts 0x100, r19
    sbrc r16, 0         ; 1
    nop                 ; 1
    push r19            ; 2
    pop r19             ; 2
    tst r17             ; 1
    brne running        ; 1
    breq 1f             ; 2
1:  rjmp running        ; 2
#endif
#endif
    cli
    sleep
routine:
    ret                 ; 4
TIMER0_OVF_vect:
    reti
