; SPDX-License-Identifier: GPL-3.0-or-later
; The hashes of charlm/history.h, whose C is their specification.
#define RECENT 0 /* the history's members */
#define CAPITALS 4
#define WORD 7
#define CAPITAL_NEXT 0 /* a bit */

; void history_contexts(const history *past, uint16_t *hash)
;                       r24                  r22
; Y the history, Z the hashes, r20 CAPITAL_NEXT or nothing, r24:r25 a hash.
    .section .text.history_contexts, "ax", @progbits
    .global history_contexts
history_contexts:
    push r28
    push r29
    movw r28, r24
    movw r30, r22
    ldd r20, Y + CAPITALS
    andi r20, 1 << CAPITAL_NEXT
    mov r24, r20
    clr r25
    ldd r22, Y + RECENT
    rcall history_mix
    .irp older, 1, 2, 3
    ldd r22, Y + RECENT + \older
    rcall history_mix
    st Z+, r24
    st Z+, r25
    .endr
    ldd r22, Y + RECENT
    sbrc r20, CAPITAL_NEXT
    subi r22, -64
    ldd r24, Y + WORD
    ldd r25, Y + WORD + 1
    rcall history_mix
    st Z+, r24
    st Z, r25
    pop r29
    pop r28
    ret

; uint16_t history_mix(uint16_t hash, uint8_t value)
;                      r24            r22
    .section .text.history_mix, "ax", @progbits
    .global history_mix
history_mix:
    eor r24, r22
#ifdef __AVR_HAVE_MUL__
    ldi r18, lo8(40503)
    ldi r19, hi8(40503)
    mul r24, r18
    movw r22, r0
    mul r24, r19
    add r23, r0
    mul r25, r18
    add r23, r0
    clr r1
    movw r24, r22
#else
    rcall history_product
#endif
    eor r24, r25
    ret

; uint16_t history_product(uint16_t value)
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
