; SPDX-License-Identifier: GPL-3.0-or-later
; Dispatch, jumps, calls, loops, and the ends of a run.
;
; The operand of a jump is a signed byte, counted from behind it; that of jump_far and of call a word.
; A call leaves on the stack, downwards: arguments, locals, pc, the caller's frame.

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
handler call                    ; to where the bytes of its locals and of its arguments stand
    rcall second_operand
    in r30, _SFR_IO_ADDR(SPL)   ; is there room for the deepest function?
#ifdef SPH
    in r31, _SFR_IO_ADDR(SPH)
#else
    clr r31
#endif
#ifdef VM_IN_SRAM
    cp r30, limit_low
    cpc r31, limit_high
#else
    ldi r20, hi8(vm_lowest_stack)
    cpi r30, lo8(vm_lowest_stack)
    cpc r31, r20
#endif
    brcs recursion_error_near
    movw r20, pc_low
    add pc_low, operand
    adc pc_high, operand_high
    fetch operand
    rjmp 2f
1:  push zero
2:  subi operand, 1
    brcc 1b
    push r20
    push r21
    push frame_low
    push frame_high
    in frame_low, _SFR_IO_ADDR(SPL)
#ifdef SPH
    in frame_high, _SFR_IO_ADDR(SPH)
#else
    clr frame_high
#endif
    adiw pc_low, 1
    rjmp skip
recursion_error_near:
    rjmp recursion_error

handler return                  ; and drop so many bytes: locals and arguments
#ifdef SPH
    out _SFR_IO_ADDR(SPH), frame_high
#endif
    out _SFR_IO_ADDR(SPL), frame_low
    pop frame_high
    pop frame_low
    pop pc_high
    pop pc_low
    rjmp 2f
1:  pop r0
2:  subi operand, 1
    brcc 1b
    rjmp next
#endif

#ifdef VM_FOR
; Value is the stop of a range by one, and no less than the variable + 1; back by the second operand.
handler for_next
    rcall second_operand
    rcall variable
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
overflow_error:
    rcall stop
value_error:
    rcall stop
recursion_error:
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
    cpi r30, 0xC0
    brcc short_near
    pop left_low
    pop left_high
1:  ijmp
short_near:
    rjmp short_form

    .subsection 2
; The byte behind the operand into operand_high; both passed.
second_operand:
    adiw pc_low, 1
    fetch operand_high
    adiw pc_low, 1
    ret
