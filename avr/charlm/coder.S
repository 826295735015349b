; SPDX-License-Identifier: GPL-3.0-or-later
; The narrowing of charlm/coder.h, whose C is its specification.
#define zero r1

#define LOW 0 /* the coder's members */
#define HIGH 4
#define CODE 8
#define DECODING 12

#ifdef __AVR_HAVE_JMP_CALL__
#define far_call call
#else
#define far_call rcall
#endif

; What is added to low: its bytes, the lowest first.
#ifdef __AVR_HAVE_MUL__
#define part0 r24
#define part1 r25
#define part2 r26
#define part3 r27
#else
#define part0 r23
#define part1 r22
#define part2 r25
#define part3 r26
#endif

; uint8_t coder_bit(coder *state, uint16_t p, uint8_t bit)
;                   r24           r22         r20
; Z the coder; r18, r19, r21 the upper bytes of the range.
    .section .text.coder_bit, "ax", @progbits
    .global coder_bit
coder_bit:
    movw r30, r24
    ldd r24, Z + HIGH
    ldd r18, Z + HIGH + 1
    ldd r19, Z + HIGH + 2
    ldd r21, Z + HIGH + 3
    ldd r0, Z + LOW
    sub r24, r0
    ldd r0, Z + LOW + 1
    sbc r18, r0
    ldd r0, Z + LOW + 2
    sbc r19, r0
    ldd r0, Z + LOW + 3
    sbc r21, r0

; part = the upper two bytes of the range times p, and the third times p's upper byte.
#ifdef __AVR_HAVE_MUL__
    mul r19, r22
    movw part0, r0
    mul r21, r23
    movw part2, r0
    mul r18, r23
    add part0, r0
    adc part1, r1
    clr r18
    adc part2, r18
    adc part3, r18
    mul r19, r23
    add part1, r0
    adc part2, r1
    adc part3, r18
    mul r21, r22
    add part1, r0
    adc part2, r1
    adc part3, r18
    clr zero
#else
    clr part2 ; the bits of p leave to the right, the lowest first, as those of the product come in
    clr part3
    ldi r24, 8
    lsr r22
1:  brcc 2f
    add part2, r19
    adc part3, r21
2:  ror part3
    ror part2
    ror r22
    dec r24
    brne 1b
    ldi r24, 8
    lsr r23
3:  brcc 4f
    add part1, r18
    adc part2, r19
    adc part3, r21
4:  ror part3
    ror part2
    ror part1
    ror r23
    dec r24
    brne 3b
#endif

middle:
    ldd r0, Z + LOW
    add part0, r0
    ldd r0, Z + LOW + 1
    adc part1, r0
    ldd r0, Z + LOW + 2
    adc part2, r0
    ldd r0, Z + LOW + 3
    adc part3, r0
    ldd r18, Z + DECODING
    tst r18
    breq narrow
    ldd r0, Z + CODE
    cp part0, r0
    ldd r0, Z + CODE + 1
    cpc part1, r0
    ldd r0, Z + CODE + 2
    cpc part2, r0
    ldd r0, Z + CODE + 3
    cpc part3, r0
    sbc r20, r20 ; -1 for a code above the middle
    inc r20

narrow:
    tst r20
    breq raise_low
    std Z + HIGH, part0
    std Z + HIGH + 1, part1
    std Z + HIGH + 2, part2
    std Z + HIGH + 3, part3
    ldd r0, Z + LOW + 3
    rjmp compare
raise_low:
    sec
    adc part0, zero
    adc part1, zero
    adc part2, zero
    adc part3, zero
    std Z + LOW, part0
    std Z + LOW + 1, part1
    std Z + LOW + 2, part2
    std Z + LOW + 3, part3
    ldd r0, Z + HIGH + 3
compare:
    cp r0, part3
    breq shift
    mov r24, r20
    ret

; A byte that low and high share, one decision in fifteen.
shift:
    push r17
    push r28
    push r29
    movw r28, r30
    mov r17, r20
5:  ldd r24, Y + HIGH + 3
    ldd r18, Y + DECODING
    tst r18
    breq 6f
    far_call coder_get
    .irp byte, 2, 1, 0
    ldd r0, Y + CODE + \byte
    std Y + CODE + \byte + 1, r0
    .endr
    std Y + CODE, r24
    rjmp 7f
6:  far_call coder_put
7:  .irp byte, 2, 1, 0
    ldd r0, Y + LOW + \byte
    std Y + LOW + \byte + 1, r0
    ldd r0, Y + HIGH + \byte
    std Y + HIGH + \byte + 1, r0
    .endr
    std Y + LOW, zero
    ldi r18, 255
    std Y + HIGH, r18
    ldd r18, Y + LOW + 3
    ldd r19, Y + HIGH + 3
    cp r18, r19
    breq 5b
    mov r24, r17
    pop r29
    pop r28
    pop r17
    ret
