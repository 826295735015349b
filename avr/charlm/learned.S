; SPDX-License-Identifier: GPL-3.0-or-later
; The steps of charlm/learned.h, whose C is their specification.

; void learned_nudge(int8_t *weight, int8_t high, uint16_t low, state_u16 *carried)
;                    r24             r22          r20           r18
    .section .text.learned_nudge, "ax", @progbits
    .global learned_nudge
learned_nudge:
    movw r30, r18
    ld r18, Z
    ldd r19, Z + 1
    add r18, r20
    adc r19, r21
    adc r22, r1
    st Z, r18
    std Z + 1, r19
    breq no_whole_step
    movw r30, r24
    ld r24, Z
    add r24, r22
    brvs weight_at_its_end
    cpi r24, -128
    brne keep_weight
weight_at_its_end: ; 127 or -127
    ldi r24, 127
    sbrc r22, 7
    ldi r24, -127
keep_weight:
    st Z, r24
no_whole_step:
    ret

; void learned_gain(uint8_t *gain, int8_t slope, int16_t known, state_u16 *carried)
;                   r24            r22           r20            r18
; r26:r27 the product with the lower byte of `known`, whose upper byte is 0 or -1; r22 on top of it.
    .section .text.learned_gain, "ax", @progbits
    .global learned_gain
learned_gain:
#ifdef __AVR_HAVE_MUL__
    mulsu r22, r20
    movw r26, r0
    clr r1
#else
    mov r0, r22
    lsl r0
    sbc r0, r0 ; the slope's sign
    clr r26
    clr r27
    ldi r23, 8
1:  lsl r26
    rol r27
    lsl r20
    brcc 2f
    add r26, r22
    adc r27, r0
2:  dec r23
    brne 1b
#endif
    sbrc r21, 7
    sub r27, r22
    mov r22, r27
    lsl r22
    sbc r22, r22
    .rept 4 ; GAIN_STEP
    lsl r26
    rol r27
    rol r22
    .endr
    movw r30, r18
    ld r0, Z
    add r26, r0
    ldd r0, Z + 1
    adc r27, r0
    adc r22, r1
    st Z, r26
    std Z + 1, r27
    movw r30, r24
    ld r24, Z
    add r24, r22 ; held in 0..255
    sbrc r22, 7
    rjmp lower_gain
    brcc keep_gain
    ldi r24, 255
    rjmp keep_gain
lower_gain:
    brcs keep_gain
    clr r24
keep_gain:
    st Z, r24
    ret

; int16_t learned_dot(const int8_t *weight, const uint8_t *unit, uint8_t units)
;                     r24                   r22                  r20
; Z weights, X units, r24:r25:r22 the sum.
    .section .text.learned_dot, "ax", @progbits
    .global learned_dot
learned_dot:
    movw r30, r24
    movw r26, r22
    clr r24
    clr r25
    clr r22
    clr r23
1:  ld r19, X+
    ld r18, Z+
#ifdef __AVR_HAVE_MUL__
    mulsu r18, r19 ; leaves the product's sign in C
    sbc r22, r23
    add r24, r0
    adc r25, r1
    adc r22, r23
#else
    tst r19
    breq 4f
    clr r21 ; r18:r21 the weight, doubled from bit to bit; r0 its sign
    sbrc r18, 7
    com r21
    mov r0, r21
2:  lsr r19
    brcc 3f
    add r24, r18
    adc r25, r21
    adc r22, r0
3:  lsl r18
    rol r21
    tst r19
    brne 2b
4:
#endif
    dec r20
    brne 1b
#ifdef __AVR_HAVE_MUL__
    clr r1
#endif
    asr r22
    ror r25
    ror r24
    ldi r18, 0x40 ; half of the range of 15 bits: r22 becomes 0 where the sum is in it
    mov r19, r22
    add r18, r25
    adc r22, r23
    lsl r18
    rol r22
    breq 5f
    ldi r24, 0xFF
    ldi r25, 0x3F
    sbrs r19, 7
    ret
    com r24
    com r25
5:  ret

#define zero r23 /* r1 holds products */

; void learned_readout(int8_t *weight, const uint8_t *unit, uint8_t units, int16_t step, state_u16 *carried)
;                      r24             r22                  r20            r18           r16
; Z weights, X units, r18:r19 the step, r21 a unit; r24:r25 what is carried, r22 the whole steps on
; top of it: -1, 0 or 1.
    .section .text.learned_readout, "ax", @progbits
    .global learned_readout
learned_readout:
    push r28
    push r29
#ifndef __AVR_HAVE_MUL__
    push r14
    push r15
#endif
    movw r30, r24
    movw r26, r22
    movw r28, r16
    ld r24, Y
    ldd r25, Y + 1
    clr zero
#ifdef __AVR_HAVE_MUL__
    lsl r18
    rol r19
#endif
1:  ld r21, X+
    tst r21
    breq 3f
#ifdef __AVR_HAVE_MUL__
    clr r22
    mul r18, r21
    add r24, r0
    adc r25, r1
    adc r22, zero
    mulsu r19, r21
    add r25, r0
    adc r22, r1
#else
    clr r14 ; the unit times half a step, bit by bit from the highest
    clr r15
    .irp bit, 4, 3, 2, 1, 0
    lsl r14
    rol r15
    sbrs r21, \bit
    rjmp 2f
    add r14, r18
    adc r15, r19
2:
    .endr
    lsl r14
    rol r15
    sbc r22, r22
    add r24, r14
    adc r25, r15
    adc r22, zero
#endif
    breq 3f
    ld r0, Z
    add r0, r22
    brvs 3f ; by one at most: a weight at the end of its range stays there
    mov r21, r0
    cpi r21, -128
    breq 3f
    st Z, r0
3:  adiw r30, 1
    dec r20
    brne 1b
    st Y, r24
    std Y + 1, r25
#ifdef __AVR_HAVE_MUL__
    clr r1
#else
    pop r15
    pop r14
#endif
    pop r29
    pop r28
    ret
