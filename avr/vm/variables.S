; SPDX-License-Identifier: GPL-3.0-or-later
; Constants, and variables by their number n in the operand:
;   n < 128   global: the word at vm_data + 2 n
;   n >= 128  local: the word at frame + 2 (n - 128) - 129. Locals lie below the frame, the highest is
;             n = 192; above it, from n = 195 on, lie the arguments, the last one first.

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

handler push_load
    push value_high
    push value_low
handler load
    rcall variable
load_word:
    ld value_low, Z
    ldd value_high, Z+1
    rjmp next

handler push
    push value_high
    push value_low
    rjmp next

handler store
    movw left_low, value_low
    rcall variable
store_word:
    st Z, left_low
    std Z+1, left_high
    rjmp next

    .subsection 2
; The place of a variable into Z, its number passed.
variable:
    adiw pc_low, 1
variable_here:
    lsl operand                 ; its top bit, which says local, into the carry
    mov r30, operand
    brcs 1f
    clr r31
    subi r30, lo8(-(vm_data))
    sbci r31, hi8(-(vm_data))
    ret
1:  subi r30, 129
    sbc r31, r31
    add r30, frame_low
    adc r31, frame_high
    ret
