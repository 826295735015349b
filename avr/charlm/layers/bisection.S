; SPDX-License-Identifier: GPL-3.0-or-later
; Of bisection.h: a symbol as decisions for coder_bit.

#ifdef __AVR_HAVE_JMP_CALL__
#define far_call call
#else
#define far_call rcall
#endif

; uint8_t frequencies_code(coder *stream, const uint16_t *frequency, uint8_t symbols, uint8_t symbol)
;                          r24            r22                        r20              r18
; The coder at Y; of what is left: its frequencies at r15:r14, r12 symbols, r11 the first of them, r10
; the symbol from there on. r1 is zero.
    .global frequencies_code
frequencies_code:
    rcall begin
    movw r14, r30
    clr r11
1:  mov r18, r12 ; the first half's frequencies in r19:r21:r20, those of both in r26:r23:r22
    lsr r18
    breq 6f
    mov r27, r12
    sub r27, r18
    movw r30, r14
    clr r22
    clr r23
    clr r26
    rcall add_frequencies
    movw r20, r22
    mov r19, r26
    mov r18, r27
    rcall add_frequencies
    mov r24, r20
    or r24, r21
    or r24, r19
    breq 5f
    cp r20, r22
    cpc r21, r23
    cpc r19, r26
    breq 4f

; Their share, part * 65535 / whole of both in 16 bits: part - 1 and what -part has, in a round a bit.
2:  tst r26
    breq 3f
    lsr r26
    ror r23
    ror r22
    lsr r19
    ror r21
    ror r20
    rjmp 2b
3:  movw r24, r20
    clr r18
    sub r18, r20
    sbc r19, r21
    sbc r24, r1
    sbc r25, r1
    mov r21, r18
    clr r20
    ldi r18, 16
    rcall divide_on
    movw r22, r20
    cp r22, r1
    cpc r23, r1
    brne 3f
    inc r22
3:  mov r18, r12
    lsr r18
    clr r20
    cp r10, r18
    rol r20
    movw r24, r28
    far_call coder_bit
    tst r24
    breq 5f
4:  lsr r12 ; the first half
    rjmp 1b
5:  mov r18, r12 ; the second
    lsr r18
    sub r12, r18
    sub r10, r18
    add r11, r18
    lsl r18
    add r14, r18
    adc r15, r1
    rjmp 1b
6:  mov r30, r11
    rjmp finish

; r26:r23:r22 += r18 frequencies from Z on.
add_frequencies:
    ld r24, Z+
    ld r25, Z+
    add r22, r24
    adc r23, r25
    adc r26, r1
    dec r18
    brne add_frequencies
    ret
