; SPDX-License-Identifier: GPL-3.0-or-later
; Instructions with their cycles by the AVR Instruction Set Manual: 46 between the labels begin
; and finish, 6 in routine.
#include <avr/io.h>
#define BUFFER (RAMEND - 15)

    .global begin, finish, routine
    .text
    ldi r24, lo8(RAMEND)
    ldi r25, hi8(RAMEND)
#ifdef SPH
    out _SFR_IO_ADDR(SPH), r25
#endif
    out _SFR_IO_ADDR(SPL), r24
begin:
    ldi r16, 5              ; 1
1:  dec r16                 ; 1 x 5
    brne 1b                 ; 2 x 4 + 1          15 so far
    rcall routine           ; 3 + 6              24
    adiw r24, 1             ; 2                  26
    movw r30, r24           ; 1                  27
    ldi r30, lo8(BUFFER)    ; 1                  28
    ldi r31, hi8(BUFFER)    ; 1                  29
    st Z+, r16              ; 2                  31
    ld r17, -Z              ; 2                  33
    std Z+3, r17            ; 2                  35
    push r17                ; 2                  37
    pop r18                 ; 2                  39
    sbrs r16, 0             ; 1, r16 is 0        40
    rjmp 2f                 ; 2                  42
2:  sbrc r16, 0             ; 2, skips a word    44
    rjmp 2b
    lds r19, BUFFER         ; 2                  46
finish:
    cli
    sleep
    .type routine, @function
routine:
    nop                     ; 1
    nop                     ; 1
    ret                     ; 4
    .size routine, . - routine
