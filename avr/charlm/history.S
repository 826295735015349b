; SPDX-License-Identifier: GPL-3.0-or-later
; uint16_t history_product(uint16_t value): charlm/history.h, for chips without MUL.
;                          r24
; 40503 = 7 * 8 - 1 + 158 * 256, and 158 = 5 * 32 - 2: the upper product needs the lower byte alone.
#ifndef __AVR_HAVE_MUL__
    .macro times_8_less low, high ; what is in r24:r25
    .rept 3
    lsl \low
    rol \high
    .endr
    sub \low, r24
    sbc \high, r25
    .endm

    .section .text.history_product, "ax", @progbits
    .global history_product
history_product:
    movw r22, r24
    times_8_less r22, r23
    times_8_less r22, r23
    mov r18, r24
    lsl r24
    sub r23, r24
    lsl r24
    add r18, r24
    swap r18
    andi r18, 0xF0
    lsl r18
    add r23, r18
    movw r24, r22
    ret
#endif
