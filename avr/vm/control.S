; SPDX-License-Identifier: GPL-3.0-or-later
; Jumps, calls and loops.
;
; The operand of a jump is a signed byte, counted from behind it; that of jump_far and of call a word.
; A call leaves on the stack, downwards: arguments, locals, pc, the caller's frame. A frame is the stack
; pointer below the locals.

    .subsection 0
handler jump_if_zero            ; value stays: `and` and `or` want it
    sbiw value_low, 0
    breq take
    rjmp skip

#ifdef VM_NONZERO
handler jump_if_nonzero
    sbiw value_low, 0
    brne take
    rjmp skip
#endif

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
    movw r20, pc_low
    add pc_low, operand
    adc pc_high, operand_high
    fetch operand
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
    ldi operand_high, hi8(vm_lowest_stack)
    cpi r30, lo8(vm_lowest_stack)
    cpc r31, operand_high
#endif
    brcs 1f
    sub r30, operand
    sbc r31, zero
#ifdef SPH
    out _SFR_IO_ADDR(SPH), r31
#endif
    out _SFR_IO_ADDR(SPL), r30
    push r20
    push r21
    push frame_low
    push frame_high
    movw frame_low, r30
    adiw pc_low, 2
    rjmp next
1:  movw pc_low, r20
    rjmp recursion_error

handler return                  ; and drop so many bytes: locals and arguments
    movw r30, frame_low
    add frame_low, operand
    adc frame_high, zero
#ifdef SPH
    out _SFR_IO_ADDR(SPH), frame_high
#endif
    out _SFR_IO_ADDR(SPL), frame_low
    adiw r30, 1
    ld pc_low, -Z
    ld pc_high, -Z
    ld frame_low, -Z
    ld frame_high, -Z
    rjmp next
#endif

#ifdef VM_FOR
; Count a variable up by one and go back, unless it comes to the stop of its range. The stop is the
; second operand, 0..255, or value; how far back is the last.
handler for_below
    rcall second_operand
    mov value_low, operand_high
    clr value_high
    fetch operand_high
    adiw pc_low, 1
    rjmp 1f
handler for_next
    rcall second_operand
1:  rcall variable
    ld r20, Z
    ldd r21, Z+1
    subi r20, -1
    sbci r21, -1
    cp r20, value_low
    cpc r21, value_high
    breq 1f
    st Z, r20
    std Z+1, r21
    sub pc_low, operand_high
    sbc pc_high, zero
1:  rjmp next
#endif

handler halt
    rjmp end_of_program
