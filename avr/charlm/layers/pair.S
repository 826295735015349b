; SPDX-License-Identifier: GPL-3.0-or-later
; Two levels of a byte times one value: what nearly all of a character's time goes into.

; r23:r22 += low nibble of r20 * r17,  r25:r24 += high nibble * r17; the value r17 is signed, r16 and
; r17 are kept.
    .macro add_pair
#ifdef __AVR_HAVE_MUL__
    mov r21, r20
    andi r21, 15
    mulsu r17, r21
    add r22, r0
    adc r23, r1
    swap r20
    andi r20, 15
    mulsu r17, r20
    add r24, r0
    adc r25, r1
#else
    rcall add_pair_by_bits
#endif
    .endm

#ifndef __AVR_HAVE_MUL__
; The bits of both nibbles, the lowest first: add the value, double it.
add_pair_by_bits:
    mov r18, r17
    mov r0, r17
    lsl r0
    sbc r0, r0
    ldi r21, 4
1:  lsr r20
    brcc 2f
    add r22, r18
    adc r23, r0
2:  sbrs r20, 3
    rjmp 3f
    add r24, r18
    adc r25, r0
3:  lsl r18
    rol r0
    dec r21
    brne 1b
    ret
#endif

; The two rows of a pair on the tape times y: r23:r22 and r25:r24. y at r13:r12, the start of both
; sums in r11:r10.
pair_dot:
    movw r26, r12
    movw r22, r10
    movw r24, r10
    mov r19, r16
1:
#ifdef __AVR_HAVE_MUL__
    dec r19
    lpm r20, Z+
    ld r17, X+
    add_pair
#endif
    lpm r20, Z+
    ld r17, X+
    add_pair
    dec r19
    brne 1b
    ret

; acc[1 + i] += r17 * nibble[i], acc[0] += r17; acc at Y, the row on the tape. A factor of 0 passes by.
row_add:
    mov r19, r16
    lsr r19
    tst r17
    breq 2f
    movw r26, r28
    ld r22, Y
    ldd r23, Y + 1
    clr r0
    add r22, r17
    adc r23, r0
    sbrc r17, 7
    dec r23
    st Y+, r22
    st Y+, r23
1:  lpm r20, Z+
    ld r22, Y
    ldd r23, Y + 1
    ldd r24, Y + 2
    ldd r25, Y + 3
    add_pair
    st Y+, r22
    st Y+, r23
    st Y+, r24
    st Y+, r25
    dec r19
    brne 1b
    movw r28, r26
    ret
2:  add r30, r19
    adc r31, r17
    ret
