; SPDX-License-Identifier: GPL-3.0-or-later
; tape attend(int8_t *out, const int8_t *q, const int8_t *ring, tape bias, int16_t *room,
;             r24          r22              r20                 r18        r16
;             uint8_t position, uint8_t window)
;             r14               r12
; The ring at X, biases at r11:r10, room at r17:r16; r13 counts.
    .global attend
attend:
    mov r0, r12
    rcall begin
    mov r12, r0
    push r28 ; out
    push r29
    push r26 ; the ring
    push r27
    movw r28, r22
    mov r13, r12

; Scores, as the keys stand: sum of q * k in r25:r24:r15, q at Y.
    push r16
    push r17
1:  clr r15
    clr r24
    clr r25
    clr r18
    ldi r19, 8
2:  ld r22, X+
    ld r21, Y+
#ifdef __AVR_HAVE_MUL__
    muls r22, r21 ; leaves the product's sign in C
    sbc r25, r18
    add r15, r0
    adc r24, r1
    adc r25, r18
#else
    push r19
    tst r21
    brpl 3f
    neg r21
    neg r22
3:  clr r23
    sbrc r22, 7
    com r23
    rcall product
    add r15, r18
    adc r24, r22
    adc r25, r23
    pop r19
#endif
    dec r19
    brne 2b
    sbiw r28, 8
    adiw r26, 8
    ldi r18, 3 ; / 2^5 is * 2^3 / 2^8
4:  lsl r15
    rol r24
    rol r25
    dec r18
    brne 4b
    mov r18, r12 ; how long ago, where the ring goes round
    dec r18
    and r18, r14
    dec r14
    movw r30, r10
    clr r19
    add r30, r18
    adc r31, r19
    lpm r18, Z
    lsl r18
    sbc r19, r19
    add r24, r18
    adc r25, r19
    movw r30, r16
    st Z+, r24
    st Z+, r25
    movw r16, r30
    dec r13
    brne 1b

; e, a byte each from the room's beginning on, and their sum in r23:r22.
    pop r17
    pop r16
    movw r28, r16
    mov r20, r12
    rcall all_falling
    movw r28, r16
    movw r26, r16
    clr r22
    clr r23
    clr r18
    mov r13, r12
5:  ld r24, Y+
    ld r25, Y+
    sbiw r24, 1
    st X+, r25
    add r22, r25
    adc r23, r18
    dec r13
    brne 5b

; p = e * r / 2^12 in their place, r in r15:r14.
    ldi r19, 0x10 ; 2^20
    clr r20
    clr r21
    rcall divide
    movw r14, r20
    movw r28, r16
    mov r13, r12
6:  ld r21, Y
    movw r22, r14
    rcall product
    swap r22
    andi r22, 0x0f
    swap r23
    or r22, r23
    st Y+, r22
    dec r13
    brne 6b

; Each output from its column of values: their sum in r25:r24.
    pop r27
    pop r26
    adiw r26, 8
    pop r31
    pop r30
    ldi r19, 8
7:  push r19
    push r26
    push r27
    movw r28, r16
    mov r13, r12
    ldi r24, 128
    ldi r25, 0
8:  ld r21, Y+
    ld r22, X
    adiw r26, 16
#ifdef __AVR_HAVE_MUL__
    mulsu r22, r21
    add r24, r0
    adc r25, r1
#else
    clr r23
    sbrc r22, 7
    com r23
    rcall product
    add r24, r18
    adc r25, r22
#endif
    dec r13
    brne 8b
    pop r27
    pop r26
    adiw r26, 1
    st Z+, r25
    pop r19
    dec r19
    brne 7b

    movw r30, r10
    clr r1
    add r30, r12
    adc r31, r1
    rjmp finish
