; SPDX-License-Identifier: GPL-3.0-or-later
; uint16_t norm(int8_t *y, const int16_t *x, tape gain, uint32_t root, uint8_t n)
;               r24        r22               r20        r16..r19       r14
; x at X, the gains at Z, y at Y; r15 counts. First the sum of squares in r13..r10, then its square
; root in r23:r22, r in r17:r16, and the start for levels in r11:r10.
    .global norm
norm:
    rcall begin
    push r18 ; the root's highest byte; its others stay in r17:r16
    movw r26, r22
    movw r30, r20
    push r22
    push r23
    clr r10
    clr r11
    clr r12
    clr r13
    mov r15, r14
1:  ld r24, X+ ; |x|
    ld r25, X+
    tst r25
    brpl 2f
    com r25
    neg r24
    sbci r25, 0xff
2:
#ifdef __AVR_HAVE_MUL__
    mul r25, r25
    movw r22, r0
    mul r24, r24
    add r10, r0
    adc r11, r1
    adc r12, r22
    adc r13, r23
    mul r24, r25
    lsl r0
    rol r1
    add r11, r0
    adc r12, r1
#else
    movw r22, r24
    mov r21, r25
    rcall product
    add r11, r18
    adc r12, r22
    adc r13, r23
    movw r22, r24
    mov r21, r24
    rcall product
    add r10, r18
    adc r11, r22
    adc r12, r23
#endif
    brcc 3f
    inc r13
3:  dec r15
    brne 1b

; The square root, a bit a round, highest first: two more bits of the square come to the rest
; r25:r24:r20. r21:r23:r22 is twice the root so far, and within a round the trial 4 * root + 1 of
; which it becomes, less or more by 1, twice the next root.
    clr r20
    clr r24
    clr r25
    clr r21
    clr r22
    clr r23
    ldi r18, 16
4:  ldi r19, 2
5:  lsl r10
    rol r11
    rol r12
    rol r13
    rol r20
    rol r24
    rol r25
    dec r19
    brne 5b
    lsl r22
    rol r23
    rol r21
    inc r22
    cp r20, r22
    cpc r24, r23
    cpc r25, r21
    brlo 6f
    sub r20, r22
    sbc r24, r23
    sbc r25, r21
    subi r22, -2
6:  dec r22
    dec r18
    brne 4b
    lsr r21
    ror r23
    ror r22

; r = root / size, at most 65535.
    pop r27 ; x
    pop r26
    pop r19
    movw r20, r16
    rcall divide
    tst r19
    breq 7f
    ldi r20, 0xff
    ldi r21, 0xff
7:  movw r16, r20
    clr r10
    clr r11

8:  ld r22, X+ ; x * r / 2^8, of its bits 8..23
    ld r23, X+
#ifdef __AVR_HAVE_MUL__
    mul r22, r16
    mov r18, r1
    ldi r19, 0
    mulsu r23, r16
    add r18, r0
    adc r19, r1
    mul r22, r17
    add r18, r0
    adc r19, r1
    mul r23, r17
    add r19, r0
    movw r22, r18
#else
    movw r24, r22
    mov r21, r17
    rcall product
    mov r12, r18
    mov r13, r22
    movw r22, r24
    mov r21, r16
    rcall product
    add r22, r12
    adc r23, r13
#endif
    lpm r21, Z+
    rcall product
    subi r22, -8 ; the half of 2^12
    sbci r23, -1
    ldi r18, 4
9:  asr r23
    ror r22
    dec r18
    brne 9b
    rcall clamp_byte
    st Y+, r22
    sub r10, r22
    sbc r11, r23
    dec r14
    brne 8b

    movw r30, r10
    ldi r18, 3
1:  lsl r30
    rol r31
    dec r18
    brne 1b
    rjmp finish
