; SPDX-License-Identifier: GPL-3.0-or-later
falling_table: ; round(255 * 2^(-i / 32))
    .byte 255, 250, 244, 239, 234, 229, 224, 219, 214, 210, 205, 201, 197, 192, 188, 184
    .byte 180, 176, 173, 169, 165, 162, 158, 155, 152, 148, 145, 142, 139, 136, 133, 130

; uint16_t falling(uint16_t d), r25:r24 both. Takes r23 and Z.
    .global falling
falling:
    cpi r25, 2
    brlo 1f
    clr r24
    clr r25
    ret
1:  mov r30, r24
    andi r30, 31
    ldi r31, 0
    subi r30, lo8(-(falling_table))
    sbci r31, hi8(-(falling_table))
    lsr r25
    ror r24
    swap r24
    andi r24, 15
    mov r23, r24
    clr r24
    lpm r25, Z
    rjmp 3f
2:  lsr r25
    ror r24
3:  dec r23
    brpl 2b
    ret

; void frequencies(uint16_t *logit, uint8_t count)
;                  r24              r22
    .global frequencies
frequencies:
    rcall begin
    mov r20, r22
    rcall all_falling
    rjmp finish

; r20 int16 at Y become falling(highest - each) + 1. The highest in X; Y ends behind them.
all_falling:
    movw r24, r28
    ldi r26, 0x00
    ldi r27, 0x80
    mov r21, r20
1:  ld r22, Y+
    ld r23, Y+
    cp r26, r22
    cpc r27, r23
    brge 2f
    movw r26, r22
2:  dec r21
    brne 1b
    movw r28, r24
3:  ld r22, Y
    ldd r23, Y + 1
    movw r24, r26
    sub r24, r22
    sbc r25, r23
    rcall falling
    adiw r24, 1
    st Y+, r24
    st Y+, r25
    dec r20
    brne 3b
    ret
