; SPDX-License-Identifier: GPL-3.0-or-later
; From one instruction to the next; and the ends of a run.

    .subsection 2
; Each of these calls leaves its place on the stack: that is the code of the error.
end_of_program:
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

; Where handlers end: with a word to store; with the result in `left`; with a result that may have overflowed; with an operand
; to pass; and with nothing.
store_word:
    st Z, value_low
    std Z+1, value_high
    rjmp next
left_is_value:
    movw value_low, left_low
checked:
#ifndef VM_WRAPS
    brvs overflow_error
#endif
    rjmp next
skip:
    adiw pc_low, 1
    rjmp next

; The short forms: opcodes from 0xD0 on, with the number of a variable in their lower half. Bit 4 tells
; load from store; bit 5 pushes before it.
short_form:
    movw r30, opcode
    andi r30, 0x0F
    sbrs r30, 0
    rjmp 1f
    add r30, frame_low
    adc r31, frame_high
    rjmp 2f
1:  subi r30, lo8(-(vm_data))
    sbci r31, hi8(-(vm_data))
2:  sbrs opcode, 4
    rjmp store_word
    sbrs opcode, 5
    rjmp load_word
    push value_high
    push value_low
load_word:
    ld value_low, Z
    ldd value_high, Z+1
next:
#ifdef VM_IN_SRAM
    ld opcode, Y+
    cpi opcode, 0xD0
    brcc short_form
    ld operand, Y
#else
    movw r30, pc_low
    lpm opcode, Z+
    movw pc_low, r30
    cpi opcode, 0xD0
    brcc short_form
    lpm operand, Z
#endif
    movw r30, opcode
    cpi r30, lo8(pm(first_binary))
    brcs 1f
    pop left_low
    pop left_high
1:  ijmp

; The byte behind the operand into operand_high; both passed.
second_operand:
    adiw pc_low, 1
    fetch operand_high
    adiw pc_low, 1
    ret

; The place of a variable into Z. Its number is the operand.
variable:
    movw r30, opcode
    mov r30, operand
    sbrc operand, 0
    rjmp 1f
    subi r30, lo8(-(vm_data))
    sbci r31, hi8(-(vm_data))
    ret
1:  add r30, frame_low
    adc r31, frame_high
    ret
