; SPDX-License-Identifier: GPL-3.0-or-later
; Reads EEPROM byte 3 into r16, then writes r17 there with the EEPM bits of r18; every label is a
; moment that the test times. The ready interrupt counts in r20.
#include <avr/io.h>

#ifdef EE_READY_vect
#define READY_vect EE_READY_vect
#elif defined EE_RDY_vect
#define READY_vect EE_RDY_vect
#else
#define READY_vect EEPROM_Ready_vect
#endif
    .global main, read, was_read, start, arm, write, written, ready, ended, READY_vect
main:
    clr r20
    ldi r24, 3
#ifdef EEARH
    clr r25
    out _SFR_IO_ADDR(EEARH), r25
#endif
    out _SFR_IO_ADDR(EEARL), r24
read:
    sbi _SFR_IO_ADDR(EECR), EERE
was_read:
    in r16, _SFR_IO_ADDR(EEDR)
start:
    out _SFR_IO_ADDR(EEDR), r17
    out _SFR_IO_ADDR(EECR), r18
arm:
    sbi _SFR_IO_ADDR(EECR), EEMPE
    .rept DELAY
    nop
    .endr
write:
    sbi _SFR_IO_ADDR(EECR), EEPE
written:
    BODY
    sbi _SFR_IO_ADDR(EECR), EERIE
    sei
1:  sleep
    rjmp 1b
READY_vect:
ready:
    inc r20
    cpi r20, 3
    brne 2f
    cli
ended:
    sleep
2:  reti
