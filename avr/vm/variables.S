; SPDX-License-Identifier: GPL-3.0-or-later
; Constants, and variables by their number n: the word at n of vm_data for an even one; for an odd one
; the word at n above the frame, whose locals lie there from the last to the first, then the arguments.

    .subsection 0
handler constant_one
    ldi value_low, 1
    rjmp 1f
handler constant_zero
    clr value_low
1:  clr value_high
    rjmp next

handler push_constant
    push value_high
    push value_low
handler constant                ; -128..127
    mov value_low, operand
    clr value_high
    sbrc value_low, 7
    com value_high
    rjmp skip

#ifdef VM_WORDS
handler constant_word
    rcall second_operand
    movw value_low, operand
    rjmp next
#endif

#ifdef VM_NUMBERS
handler push_load
    push value_high
    push value_low
handler load
    rcall variable
    adiw pc_low, 1
    rjmp load_word

handler store
    rcall variable
    adiw pc_low, 1
    rjmp store_word
#endif

handler push
    push value_high
    push value_low
    rjmp next

; With a number below 16 in the opcode: dispatch.S.
    .global op_store_short, op_load_short, op_push_load_short
    .set op_load_short, bare_start + 2 * 0xD0
    .set op_store_short, bare_start + 2 * 0xE0
    .set op_push_load_short, bare_start + 2 * 0xF0
