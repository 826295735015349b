; SPDX-License-Identifier: GPL-3.0-or-later
; Runs BODY with interrupts pending and I clear: of timer 0 the overflow, and with -DTWO also, later
; and before it in priority, compare A. r16 is BODY's to count with; the handlers keep what they
; found in r20 (compare A) and r22 (overflow) and count in r21 and r23.
#include <avr/io.h>

#ifdef TIMSK0
#define TIMSK_ADDRESS TIMSK0
#else
#define TIMSK_ADDRESS TIMSK
#endif
#ifndef TCCR0B
#define TCCR0B TCCR0A // of the ATtiny88
#endif
#ifndef TWO
#define OCIE0A_IF_TWO 0
#else
#define OCIE0A_IF_TWO 1 << OCIE0A
#endif
#ifndef HANDLER
#define HANDLER reti
#endif
    .global main, body, finish, TIMER0_OVF_vect, TIMER0_COMPA_vect
main:
    clr r16
    clr r21
    clr r23
    ldi r24, 1
    out _SFR_IO_ADDR(TCCR0B), r24
    ldi r24, 100
    out _SFR_IO_ADDR(OCR0A), r24
    ldi r24, 250
    out _SFR_IO_ADDR(TCNT0), r24
    ldi r24, 1 << TOIE0 | OCIE0A_IF_TWO
    sts TIMSK_ADDRESS, r24
    ldi r25, 50
1:  dec r25
    brne 1b
    out _SFR_IO_ADDR(TCCR0B), r25
    ldi r24, 0x80
body:
    BODY
    nop
    nop
    nop
finish:
    cli
    sleep
TIMER0_OVF_vect:
    mov r22, r16
    inc r23
    reti
TIMER0_COMPA_vect:
    mov r20, r16
    inc r21
    HANDLER
