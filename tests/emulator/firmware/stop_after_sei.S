/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overflow of timer 0 waits when SEI is executed: r17 becomes 1 before its interrupt is taken,
 * which ends the program. */
#include <avr/io.h>

        .section .vectors, "ax", @progbits
        rjmp start
        .org TIMER0_OVF_vect_num * 4
        sleep

        .text
start:
        ldi r16, lo8(RAMEND)
        out _SFR_IO_ADDR(SPL), r16
        ldi r16, hi8(RAMEND)
        out _SFR_IO_ADDR(SPH), r16
        ldi r17, 0
        ldi r16, 1
        out _SFR_IO_ADDR(TCCR0B), r16
        sts TIMSK0, r16
        ldi r16, 200
wait:
        dec r16
        brne wait
        sei
        .global after_sei
after_sei:
        ldi r17, 1
        ldi r18, 1
forever:
        rjmp forever
