; SPDX-License-Identifier: GPL-3.0-or-later
; Constants, and variables by their number n in the operand: the word at n of vm_data for an even one;
; for an odd one n - 1 above the last word of the frame's locals. The short forms have a number below
; 16 in the opcode itself.

    .subsection 0
handler push_constant
    push value_high
    push value_low
handler constant                ; -128..127
    mov value_low, operand
    clr value_high
    sbrc value_low, 7
    com value_high
    rjmp skip

handler constant_word
    rcall second_operand
    movw value_low, operand
    rjmp next

handler push
    push value_high
    push value_low
    rjmp next

handler push_load
    adiw pc_low, 1
push_load_short:
    push value_high
    push value_low
    rjmp load_short
handler load
    adiw pc_low, 1
load_short:
    rcall variable
load_word:
    ld value_low, Z
    ldd value_high, Z+1
    rjmp next

handler store
    adiw pc_low, 1
store_short:
    movw left_low, value_low
    rcall variable
store_word:
    st Z, left_low
    std Z+1, left_high
    rjmp next

    .subsection 2
; The place of a variable into Z.
variable:
    mov r30, operand
    clr r31
    sbrc operand, 0
    rjmp 1f
    subi r30, lo8(-(vm_data))
    sbci r31, hi8(-(vm_data))
    ret
1:  add r30, frame_low          ; which points below what a call has pushed, 4 bytes
    adc r31, frame_high
    adiw r30, 4
    ret

; Opcodes from 0xC0 on: 16 constants, loads, pushing loads and stores each, with no operand.
    .global op_constant_short, op_load_short, op_push_load_short, op_store_short
    .set op_constant_short, bare_start + 2 * 0xC0
    .set op_load_short, bare_start + 2 * 0xD0
    .set op_push_load_short, bare_start + 2 * 0xE0
    .set op_store_short, bare_start + 2 * 0xF0
short_form:
    mov operand, r30
    andi operand, 0x0F
    cpi r30, 0xF0
    brcc store_short_far
    cpi r30, 0xE0
    brcc push_load_short_far
    cpi r30, 0xD0
    brcc load_short_far
    mov value_low, operand
    clr value_high
    rjmp next
store_short_far:
    rjmp store_short
push_load_short_far:
    rjmp push_load_short
load_short_far:
    rjmp load_short
