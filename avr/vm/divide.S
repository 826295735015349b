; SPDX-License-Identifier: GPL-3.0-or-later
; left // value and left % value, rounded down as Python does.
;
; Both signs are turned where value is negative, which leaves the quotient alone. For left >= 0 the
; unsigned division is the answer. For left < 0, with n = ~left = -left - 1 >= 0:
;   left // value = ~(n // value),  left % value = value - 1 - n % value = value + ~(n % value).

    .subsection 1
handler floor_divide
    rcall divide
#ifndef VM_WRAPS
    and r21, left_high          ; a positive quotient of 32768
    brmi overflow_of_quotient
#endif
    movw value_low, left_low
    rjmp next
overflow_of_quotient:
    rjmp overflow_error

#ifdef VM_MODULO
handler modulo
    rcall divide
    movw value_low, r18
    rjmp next
#endif

    .subsection 2
; left = the quotient, r18:r19 = the remainder, r21 = 0 where left was below 0 in the sense above.
divide:
    sbiw value_low, 0
    brne 1f
    rjmp zero_division_error
1:  ser r21
    bst value_high, 7           ; T: value is negative
    tst left_high
    brtc 2f
    com value_high
    neg value_low
    sbci value_high, -1
    com left_high
    neg left_low
    sbci left_high, -1          ; S is the sign of what 16 bits cannot hold, too: -(-32768)
2:  brge 3f
    com left_low
    com left_high
    clr r21

; Long division: the quotient's bits come in from below, inverted, as the dividend's leave above.
3:  sub r18, r18
    clr r19
    ldi r20, 17
    rjmp 5f
4:  rol r18
    rol r19
    cp r18, value_low
    cpc r19, value_high
    brcs 5f
    sub r18, value_low
    sbc r19, value_high
5:  rol left_low
    rol left_high
    dec r20
    brne 4b

    eor left_low, r21           ; for left < 0 the inverse is what is asked for
    eor left_high, r21
    sbrc r21, 0
    rjmp 6f
    com r18
    com r19
    add r18, value_low
    adc r19, value_high
6:  brtc 7f
    com r19
    neg r18
    sbci r19, -1
7:  ret
