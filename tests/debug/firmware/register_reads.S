; SPDX-License-Identifier: GPL-3.0-or-later
; r16 is read by the instruction before each label read_*, and by no other. Labels are in the order
; of execution.
#include <avr/io.h>
    .global main
main:
    ldi r16, 5
    mov r5, r16
read_mov:
    mov r16, r5
    ldi r17, 1
    add r17, r16
read_add:
    inc r16
read_inc:
    movw r4, r16
read_movw:
    movw r16, r4
    cpi r16, 6
read_cpi:
    mul r17, r16
read_mul:
    sts 0x0200, r16
read_sts:
    lds r16, 0x0200
    out _SFR_IO_ADDR(GPIOR0), r16
read_out:
    in r16, _SFR_IO_ADDR(GPIOR0)
    push r16
read_push:
    pop r16
    sbrs r16, 0
read_sbrs:
    bst r16, 1
read_bst:
    clr r17
    sbc r17, r16
read_sbc:
    ldi r30, 16
    ldi r31, 0
    ld r18, Z
read_ld:
    st Z, r18
    nop
done:
    rjmp done
