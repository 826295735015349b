; SPDX-License-Identifier: GPL-3.0-or-later
; The sums of net/columns.h, whose C is their specification. A chip has registers for ten sums of 16
; bits, or five of 24: an input is loaded and looked at once for all of them, and an input of 0 costs
; 11 cycles instead of ten products.
; Without MUL the inputs are taken bit by bit, the highest first: double all sums, then add the
; weights of those inputs that have the bit. No weight is shifted, and few bits of a digit are 1.
#define zero r1
#define x r22 /* MULSU takes r16..r23 */
#define w r23

    .macro save_registers
    .irp saved, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29
    push \saved
    .endr
    .endm

    .macro restore_registers
    .irp saved, 29, 28, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2
    pop \saved
    .endr
    .endm

; r0 = 1 << (\bits - 1); \bits is used up.
    .macro highest_bit bits
    clr r0
    sec
9:  rol r0
    dec \bits
    brne 9b
    .endm

; void columns_sum(uint16_t *sums, const int8_t *weight, const uint8_t *input, uint8_t rows,
;                  r24             r22                   r20                   r18
;                  uint8_t run, uint8_t gap, uint8_t bits)
;                  r16          r14          r12
; Sums in r2:r3 to r20:r21; r25, r24 count rows and inputs; without MUL r0 is the bit in hand.
    .section .text.columns_sum, "ax", @progbits
    .global columns_sum
columns_sum:
    save_registers
    .irp kept, 24, 25, 18, 22, 23, 20, 21
    push \kept
    .endr
    mov r28, r16
    mov r29, r14
#ifndef __AVR_HAVE_MUL__
    highest_bit r12
#endif
    clr r2
    clr r3
    .irp sum, 4, 6, 8, 10, 12, 14, 16, 18, 20
    movw \sum, r2
    .endr
1:  pop r27 ; input
    pop r26
    pop r31 ; weight
    pop r30
    pop r25 ; rows
#ifndef __AVR_HAVE_MUL__
    .irp kept, 25, 30, 31, 26, 27
    push \kept
    .endr
    .irp sum, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20
    lsl \sum
    rol \sum + 1
    .endr
#endif
2:  mov r24, r28
3:  ld x, X+
#ifdef __AVR_HAVE_MUL__
    and x, x
#else
    and x, r0
#endif
    brne 4f
    adiw r30, 10
    rjmp 5f
4:  .irp sum, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20
    ld w, Z+
#ifdef __AVR_HAVE_MUL__
    mulsu w, x
    add \sum, r0
    adc \sum + 1, r1
#else
    add \sum, w
    adc \sum + 1, zero
    sbrc w, 7
    dec \sum + 1
#endif
    .endr
5:  dec r24
    brne 3b
    clr zero
    add r26, r29
    adc r27, zero
    dec r25
    breq 6f
    rjmp 2b
6:
#ifndef __AVR_HAVE_MUL__
    lsr r0
    breq 7f
    rjmp 1b
7:  .irp dropped, 27, 26, 31, 30, 25
    pop \dropped
    .endr
#endif
    pop r31 ; sums
    pop r30
    .irp byte, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
    st Z+, \byte
    .endr
    restore_registers
    ret

; void columns_score(int16_t *scores, const int8_t *weight, const uint8_t *input, uint8_t inputs,
;                    r24              r22                   r20                   r18
;                    uint8_t shift, uint8_t bits)
;                    r16            r14
; Twice five columns. Sums in r2:r3:r4 to r14:r15:r16; r24 counts inputs and shifts.
    .section .text.columns_score, "ax", @progbits
    .global columns_score
columns_score:
    save_registers
    movw r28, r24 ; scores
    mov r25, r16  ; shift
#ifdef __AVR_HAVE_MUL__
    clr r19 ; zero
#else
    mov r19, r14 ; bits
#endif
    push r22      ; weight
    push r23
    ldi r17, 2    ; halves
1:  .irp byte, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    clr \byte
    .endr
#ifndef __AVR_HAVE_MUL__
    mov r24, r19
    highest_bit r24
#endif
2:  movw r26, r20
    mov r24, r18
    pop r31
    pop r30
    push r30
    push r31
#ifndef __AVR_HAVE_MUL__
    .irp sum, 2, 5, 8, 11, 14
    lsl \sum
    rol \sum + 1
    rol \sum + 2
    .endr
#endif
3:  ld x, X+
#ifdef __AVR_HAVE_MUL__
    and x, x
#else
    and x, r0
#endif
    breq 4f
    .irp sum, 2, 5, 8, 11, 14
    ld w, Z+
#ifdef __AVR_HAVE_MUL__
    mulsu w, x ; leaves the product's sign in C
    sbc \sum + 2, r19
    add \sum, r0
    adc \sum + 1, r1
    adc \sum + 2, r19
#else
    mov x, w
    lsl x
    sbc x, x ; its sign
    add \sum, w
    adc \sum + 1, x
    adc \sum + 2, x
#endif
    .endr
    sbiw r30, 5
4:  adiw r30, 10
    dec r24
    brne 3b
#ifndef __AVR_HAVE_MUL__
    lsr r0
    breq 7f
    rjmp 2b
7:
#endif
    .irp sum, 2, 5, 8, 11, 14
    mov r24, r25
5:  asr \sum + 2
    ror \sum + 1
    ror \sum
    dec r24
    brne 5b
    st Y+, \sum
    st Y+, \sum + 1
    .endr
    pop r31
    pop r30
    adiw r30, 5 ; the sixth column
    push r30
    push r31
    dec r17
    breq 6f
    rjmp 1b
6:  pop r31
    pop r30
    clr zero
    restore_registers
    ret
