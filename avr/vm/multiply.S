; SPDX-License-Identifier: GPL-3.0-or-later
; left * value.
;
; With MUL: the four products of the bytes, signed; the upper word must repeat the lower one's sign.
; Without: for each bit of |value| that is set, add left; double left while bits remain. All that is
; added has one sign, so the first overflow decides.

    .subsection 1
handler multiply
    rjmp multiply

    .subsection 2
multiply:
#ifdef __AVR_HAVE_MUL__
    movw r20, value_low
    mul left_low, r20
    movw r30, r0                ; the lower word
#ifdef VM_WRAPS
    mul left_high, r20
    add r31, r0
    mul left_low, r21
    add r31, r0
    clr zero
    movw value_low, r30
    rjmp next
#else
    clr r18
    muls left_high, r21
    movw value_low, r0
    mulsu left_high, r20
    sbc value_high, r18
    add r31, r0
    adc value_low, r1
    adc value_high, r18
    mulsu r21, left_low
    sbc value_high, r18
    add r31, r0
    adc value_low, r1
    adc value_high, r18
    clr zero
    mov r0, r31
    lsl r0
    sbc r0, r0                  ; the sign of the lower word, eight times
    cp value_low, r0
    cpc value_high, r0
    movw value_low, r30
    brne 1f
    rjmp next
1:  rjmp overflow_error
#endif
#else
    sbrc value_high, 7
    rcall negate_both
    clr r20
    clr r21
1:  lsr value_high
    ror value_low
    brcc 2f
    add r20, left_low
    adc r21, left_high
#ifndef VM_WRAPS
    brvs 3f
#endif
2:  sbiw value_low, 0           ; which clears V
    breq 3f
    lsl left_low
    rol left_high
#ifdef VM_WRAPS
    rjmp 1b
#else
    brvc 1b
#endif
3:  movw left_low, r20
    rjmp left_is_value

; As |value|, 32768 is right; as left it is an overflow.
negate_both:
    com value_high
    neg value_low
    sbci value_high, -1
    com left_high
    neg left_low
    sbci left_high, -1
#ifndef VM_WRAPS
    brvs 1f
#endif
    ret
#ifndef VM_WRAPS
1:  rjmp overflow_error
#endif
#endif
