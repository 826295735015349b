; SPDX-License-Identifier: GPL-3.0-or-later
; The interpolation of charlm/logistic.h, whose C is its specification.
#define zero r1

; uint16_t logistic_at(int16_t z, IN_FLASH uint16_t *below)
;                      r24        r22
; r20 has the sign, r25 the point at or before |z|, r24 256ths of the way to the next;
; r22:r23 65536 - p at the point, r26:r27 what it drops to the next.
    .section .text.logistic_at, "ax", @progbits
    .global logistic_at
logistic_at:
    movw r30, r22
    mov r20, r25
    sbrs r20, 7
    rjmp 1f
    com r25
    neg r24
    sbci r25, -1
1:  .rept 2
    lsl r24
    rol r25
    .endr
    .rept 2
    add r30, r25
    adc r31, zero
    .endr
    lpm r22, Z+
    lpm r23, Z+
    lpm r18, Z+
    lpm r19, Z
    movw r26, r22
    sub r26, r18
    sbc r27, r19

; r18:r19 = the drop times the way, without the product's lowest byte.
#ifdef __AVR_HAVE_MUL__
    clr r25
    mul r26, r24
    mov r26, r1
    mul r27, r24
    movw r18, r0
    add r18, r26
    adc r19, r25
    clr zero
#else
    clr r18
    clr r19
    ldi r25, 8
2:  lsr r24
    brcc 3f
    add r18, r26
    adc r19, r27
3:  ror r19
    ror r18
    dec r25
    brne 2b
#endif
    sub r22, r18
    sbc r23, r19
    movw r24, r22
    sbrc r20, 7
    ret
    com r25
    neg r24
    sbci r25, -1
    ret
