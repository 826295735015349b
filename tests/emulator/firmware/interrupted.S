; SPDX-License-Identifier: GPL-3.0-or-later
; One interrupt by timer 0 at a known depth: main is 2 bytes deep, the interrupt pushes 2, its
; handler 3. Together 7 bytes of stack.
#include <avr/io.h>

#ifdef TIMSK0
#define TIMSK_ADDRESS TIMSK0
#else
#define TIMSK_ADDRESS TIMSK
#endif
    .global main, TIMER0_OVF_vect, ready
main:
    ldi r24, 1
    out _SFR_IO_ADDR(TCCR0B), r24
    ldi r24, 1 << TOIE0
    sts TIMSK_ADDRESS, r24
    clr r20
    sei
ready:
    tst r20
    breq ready
    cli
    sleep
TIMER0_OVF_vect:
    push r24
    in r24, _SFR_IO_ADDR(SREG)
    push r24
    push r20
    pop r20
    inc r20
    pop r24
    out _SFR_IO_ADDR(SREG), r24
    pop r24
    reti
