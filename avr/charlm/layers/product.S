; SPDX-License-Identifier: GPL-3.0-or-later
; Products of 16 by 8 bits, and how sums are brought to scale and held in a range.

; r23:r22:r18 = r23:r22, signed, * r21, unsigned. So r23:r22 is the product / 2^8, floored.
product:
#ifdef __AVR_HAVE_MUL__
    mul r22, r21
    mov r18, r0
    mov r22, r1
    mulsu r23, r21
    add r22, r0
    ldi r23, 0
    adc r23, r1
    ret
#else
    mov r0, r23
    lsl r0
    sbc r0, r0 ; the sign
    clr r18
    clr r19
    clr r20
1:  lsr r21
    brcc 2f
    add r18, r22
    adc r19, r23
    adc r20, r0
2:  lsl r22
    rol r23
    rol r0
    tst r21
    brne 1b
    mov r22, r19
    mov r23, r20
    ret
#endif

; r23:r22 = scaled(r23:r22, the next scale on the tape).
scaled_next:
    lpm r21, Z+
; r23:r22 = (r23:r22 * r21 + 128) / 2^8.
scaled:
    rcall product
    subi r18, 0x80 ; + 128, as - 0xffff80
    sbci r22, 0xff
    sbci r23, 0xff
    ret

; r23:r22 held in -127..127.
clamp_byte:
    ldi r18, 127
    ldi r19, 0
; r23:r22 held in -r19:r18..r19:r18.
clamp:
    cp r18, r22
    cpc r19, r23
    brge 1f
    movw r22, r18
1:  movw r20, r22
    add r20, r18
    adc r21, r19
    brge 2f ; by its sign, as the sum may leave 16 bits
    clr r22
    clr r23
    sub r22, r18
    sbc r23, r19
2:  ret

; tape scaled_add(int16_t *x, tape at, uint16_t *acc, int16_t limit, uint8_t n)
;                 r24         r22      r20            r18            r16
; x at Y, acc at X. Eight times the sum of factors in r13:r12, the limit in r11:r10, the scale in r14.
    .global scaled_add
scaled_add:
    rcall begin
    lpm r14, Z+
    clr r15
    ld r12, X
    st X+, r15
    ld r13, X
    st X+, r15
    ldi r20, 3
1:  lsl r12
    rol r13
    dec r20
    brne 1b
2:  ld r22, X
    st X+, r15
    ld r23, X
    st X+, r15
    sub r22, r12
    sbc r23, r13
    mov r21, r14
    rcall scaled
    ld r24, Y
    ldd r25, Y + 1
    add r22, r24
    adc r23, r25
    brvc 3f
    ldi r23, 0x7f ; beyond 16 bits: as far as they go
    sbrc r25, 7
    ldi r23, 0x80
3:  movw r18, r10
    rcall clamp
    st Y+, r22
    st Y+, r23
    dec r16
    brne 2b
    rjmp finish
