; SPDX-License-Identifier: GPL-3.0-or-later
; Dispatch, jumps, calls, loops, and the ends of a run.
;
; The operand of a jump is a signed byte, counted from behind it; that of jump_far and of call a word.
; A function's frame, downwards: arguments (the caller drops them), pc, the caller's frame; then what
; the function itself pushes, its locals first.

    .subsection 0
handler jump_if_zero            ; value stays: `and` and `or` want it
    sbiw value_low, 0
    breq take
    rjmp skip

handler jump_if_nonzero
    sbiw value_low, 0
    brne take
    rjmp skip

#ifdef VM_FAR
handler jump_far
    rcall second_operand
    rjmp take_word
#endif

handler jump
take:
    adiw pc_low, 1
    clr operand_high
    sbrc operand, 7
    com operand_high
take_word:
    add pc_low, operand
    adc pc_high, operand_high
    rjmp next

#ifdef VM_CALLS
handler call
    rcall second_operand
    push pc_low
    push pc_high
    push frame_low
    push frame_high
    in frame_low, _SFR_IO_ADDR(SPL)
#ifdef SPH
    in frame_high, _SFR_IO_ADDR(SPH)
#else
    clr frame_high
#endif
#ifdef VM_IN_SRAM
    cp frame_low, limit_low
    cpc frame_high, limit_high
#else
    ldi r20, hi8(vm_lowest_frame)
    cpi frame_low, lo8(vm_lowest_frame)
    cpc frame_high, r20
#endif
    brcc take_word
    rjmp recursion_error

handler return
#ifdef SPH
    out _SFR_IO_ADDR(SPH), frame_high
#endif
    out _SFR_IO_ADDR(SPL), frame_low
    pop frame_high
    pop frame_low
    pop pc_high
    pop pc_low
    rjmp next

handler enter                   ; so many bytes of locals; what follows, those of arguments, is for verify
    subi operand, 1
    brcs 1f
    push zero
    rjmp op_enter
1:  adiw pc_low, 1
    rjmp skip

handler drop                    ; so many bytes, not none
    pop r0
    dec operand
    brne op_drop
    rjmp skip
#endif

#ifdef VM_FOR
; Value is the stop of a range by one, and no less than the variable + 1; back by the second operand.
handler for_next
    rcall second_operand
    rcall variable_here
    ld r20, Z
    ldd r21, Z+1
    subi r20, -1
    sbci r21, -1
    cp r20, value_low
    cpc r21, value_high
    breq next_near
    st Z, r20
    std Z+1, r21
    sub pc_low, operand_high
    sbc pc_high, zero
next_near:
    rjmp next
#endif

; Each of these calls leaves its place on the stack: that is the code of the error.
handler halt
    rcall stop
zero_division_error:
    rcall stop
index_error:
    rcall stop
value_error:
    rcall stop
recursion_error:
    rcall stop
overflow_error:
    rcall stop

; Where the binary operations end: with the result in `left`; with a result that may have overflowed;
; with an operand to pass; and with nothing.
left_is_value:
    movw value_low, left_low
checked:
#ifndef VM_WRAPS
    brvs overflow_error
#endif
    rjmp next
skip:
    adiw pc_low, 1
next:
#ifdef VM_IN_SRAM
    ld r30, Y+
    clr r31
    fetch operand
#else
    movw r30, pc_low
    lpm r20, Z+
    lpm operand, Z
    movw pc_low, r30
    mov r30, r20
    clr r31
#endif
    cpi r30, lo8(pm(first_binary))
    brcs 1f
    pop left_low
    pop left_high
1:  ijmp

    .subsection 2
; The byte behind the operand into operand_high; both passed.
second_operand:
    adiw pc_low, 1
    fetch operand_high
    adiw pc_low, 1
    ret
