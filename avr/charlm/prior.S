; SPDX-License-Identifier: GPL-3.0-or-later
; The sums of charlm/prior.h, whose C is their specification.
#define zero r1

#define LEVEL_ZERO 8 /* as in prior.h */
#define ROWS_ACTIVE 5
#define CONTEXTS 4

; uint16_t prior_units(uint8_t *unit, IN_FLASH uint8_t *const *row, uint8_t pairs)
;                      r24            r22                           r20
; Y unit, r2:r3 to r10:r11 rows; r22, r23 the sums of two units, r18, r19 their levels; r24:r25 the
; total, r20 counts. A sum begins below zero by its eights, so it is rectified by its sign.
    .section .text.prior_units, "ax", @progbits
    .global prior_units
prior_units:
    .irp saved, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 29
    push \saved
    .endr
    movw r28, r24
    movw r26, r22
    .irp byte, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld \byte, X+
    .endr
    clr r24
    clr r25
1:  ldi r22, -LEVEL_ZERO * ROWS_ACTIVE
    mov r23, r22
    .irp row, 2, 4, 6, 8, 10
    movw r30, \row
    lpm r18, Z+
    movw \row, r30
    mov r19, r18
    andi r18, 15
    add r22, r18
    swap r19
    andi r19, 15
    add r23, r19
    .endr
    .irp sum, 22, 23
    sbrc \sum, 7
    clr \sum
    st Y+, \sum
    add r24, \sum
    adc r25, zero
    .endr
    dec r20
    brne 1b
    .irp saved, 29, 28, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2
    pop \saved
    .endr
    ret

; uint16_t prior_sum(const uint8_t *unit, IN_FLASH uint8_t *levels, uint8_t pairs, uint8_t chunk)
;                    r24                  r22                       r20            r18
; X units, Z levels, r24:r25 the sum, r20 counts.
    .section .text.prior_sum, "ax", @progbits
    .global prior_sum
prior_sum:
    movw r26, r24
    movw r30, r22
    clr r24
    clr r25
#ifdef __AVR_HAVE_MUL__
1:  .rept 2
    lpm r18, Z+
    mov r19, r18
    andi r18, 15
    ld r21, X+
    mul r21, r18
    add r24, r0
    adc r25, r1
    swap r19
    andi r19, 15
    ld r21, X+
    mul r21, r19
    add r24, r0
    adc r25, r1
    .endr
    subi r20, 2
    brne 1b
    clr zero
    ret
#else
; By the bits of the levels: r18, r19, r22, r23 sum the units whose level has bit 0, 1, 2, 3, in 8
; bits for the pairs of a chunk, which r28 counts. Then bit 3 counts twice, with bit 2 twice, and so
; on.
    push r28
    push r29
    mov r29, r18
1:  mov r28, r29
    clr r18
    clr r19
    clr r22
    clr r23
2:  lpm r0, Z+
    .irp half, 0, 4
    ld r21, X+
    tst r21
    breq 3f
    sbrc r0, \half
    add r18, r21
    sbrc r0, \half + 1
    add r19, r21
    sbrc r0, \half + 2
    add r22, r21
    sbrc r0, \half + 3
    add r23, r21
3:
    .endr
    dec r28
    brne 2b
    clr r21
    .irp lower, 22, 19, 18
    lsl r23
    rol r21
    add r23, \lower
    adc r21, zero
    .endr
    add r24, r23
    adc r25, r21
    sub r20, r29
    brne 1b
    pop r29
    pop r28
    ret
#endif

; int8_t prior_poll(const uint16_t *context, uint16_t salt, IN_FLASH uint8_t *votes, int8_t vote)
;                   r24                      r22            r20                      r18
; X contexts, Z the byte of a vote, r19 its bit's number, r24 the sum, r25 counts.
    .section .text.prior_poll, "ax", @progbits
    .global prior_poll
prior_poll:
    movw r26, r24
    clr r24
    ldi r25, CONTEXTS
1:  ld r30, X+
    ld r31, X+
    add r30, r22
    adc r31, r23
    mov r19, r30
    .rept 3
    lsr r31
    ror r30
    .endr
    add r30, r20
    adc r31, r21
    lpm r0, Z
    sbrc r19, 2
    swap r0
    sbrs r19, 1
    rjmp 2f
    lsr r0
    lsr r0
2:  sbrc r19, 0
    lsr r0
    sbrc r0, 0
    add r24, r18
    neg r18 ; the next one's voice
    dec r25
    brne 1b
    ret
