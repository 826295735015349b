; SPDX-License-Identifier: GPL-3.0-or-later
; One SPM with r18 in SPMCSR and the byte address in Z, both put there by the test at `start`.
#include <avr/io.h>

    .global main, start, program, programmed, waited, again, ended
main:
start:
    out _SFR_IO_ADDR(SPMCSR), r18
program:
    spm
programmed:
    in r19, _SFR_IO_ADDR(SPMCSR)
1:  in r20, _SFR_IO_ADDR(SPMCSR)
    sbrc r20, 0
    rjmp 1b
waited:
    ldi r18, 0x11           ; RWWSRE, SPMEN
    out _SFR_IO_ADDR(SPMCSR), r18
    spm
again:
    in r21, _SFR_IO_ADDR(SPMCSR)
ended:
    cli
    sleep
