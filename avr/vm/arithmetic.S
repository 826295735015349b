; SPDX-License-Identifier: GPL-3.0-or-later
; left + value and its like, of two's complement words. What leaves -32768..32767 is an OverflowError,
; or wraps in a machine with VM_WRAPS.

#ifdef VM_NEGATE
    .subsection 0
handler abs
    sbrs value_high, 7
    rjmp next
handler negate
    com value_high
    neg value_low
    sbci value_high, -1
    rjmp checked
#endif

    .subsection 1
handler add
    add value_low, left_low
    adc value_high, left_high
    rjmp checked

handler subtract
    sub left_low, value_low
    sbc left_high, value_high
    rjmp left_is_value

#ifdef VM_AND
handler and
    and value_low, left_low
    and value_high, left_high
    rjmp next
#endif

#ifdef VM_OR
handler or
    or value_low, left_low
    or value_high, left_high
    rjmp next
#endif

#ifdef VM_XOR
handler xor
    eor value_low, left_low
    eor value_high, left_high
    rjmp next
#endif

#ifdef VM_SHIFTS
handler shift_left
    rjmp shift_left
handler shift_right
    rjmp shift_right

    .subsection 2
; A place at a time, however many there are.
shift_left:
    sbrc value_high, 7
    rjmp value_error
    rjmp 2f
1:  lsl left_low
    rol left_high
#ifndef VM_WRAPS
    brvs 3f
#endif
2:  sbiw value_low, 1
    brcc 1b
3:  rjmp left_is_value

shift_right:
    sbrc value_high, 7
    rjmp value_error
1:  sbiw value_low, 1
    brcs 3b
    asr left_high
    ror left_low
    rjmp 1b
#endif
