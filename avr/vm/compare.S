; SPDX-License-Identifier: GPL-3.0-or-later
; left < value and its like, each a jump when it is so. Value stays: the next comparison of a chain
; has it for its left. min and max.

    .subsection 1
first_binary:
#ifdef VM_EQUAL
handler jump_if_equal
    cp left_low, value_low
    cpc left_high, value_high
    breq take_near
    rjmp skip
#endif

handler jump_if_unequal
    cp left_low, value_low
    cpc left_high, value_high
    breq skip_from_compare
take_near:
    rjmp take

#ifdef VM_GREATER
handler jump_if_greater
    cp value_low, left_low
    cpc value_high, left_high
    rjmp 1f
#endif
handler jump_if_less
    cp left_low, value_low
    cpc left_high, value_high
1:  brlt take_near
skip_from_compare:
    rjmp skip

handler jump_if_not_greater
    cp value_low, left_low
    cpc value_high, left_high
    rjmp 1f
handler jump_if_not_less
    cp left_low, value_low
    cpc left_high, value_high
1:  brge take_near
    rjmp skip

#ifdef VM_MIN_MAX
handler max
    cp value_low, left_low
    cpc value_high, left_high
    rjmp 1f
handler min
    cp left_low, value_low
    cpc left_high, value_high
1:  brge 2f
    movw value_low, left_low
2:  rjmp next
#endif
