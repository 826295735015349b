; SPDX-License-Identifier: GPL-3.0-or-later
; array[value], where an array has the number of the global that its first word would be, and a length
; in the second operand. An index below 0 counts from the end.

    .subsection 0
#ifdef VM_LISTS
handler load_item
    rcall element
    add r30, value_low
    adc r31, value_high
    rjmp load_word
#endif

#ifdef VM_BYTES
handler load_byte
    rcall element
    ld value_low, Z
    clr value_high
    rjmp next
#endif

; What is stored is the left operand. `array[i] += v` has the index below the new value: swap.
    .subsection 1
#ifdef VM_LISTS
handler store_item
    rcall element
    add r30, value_low
    adc r31, value_high
    movw value_low, left_low
    rjmp store_word
#endif

#ifdef VM_BYTES
handler store_byte
    cpse left_high, zero
    rjmp value_error
    rcall element
    st Z, left_low
    rjmp next
#endif

#ifdef VM_SWAP
handler swap
    push value_high
    push value_low
    movw value_low, left_low
    rjmp next
#endif

    .subsection 2
; Z = where the array begins, plus value, once: twice it is the place of a word.
element:
#ifdef VM_IN_SRAM
    ldd operand_high, Y+1
#else
    movw r30, pc_low
    adiw r30, 1
    lpm operand_high, Z
#endif
    adiw pc_low, 2
    mov r30, operand
    clr r31
    subi r30, lo8(-(vm_data))
    sbci r31, hi8(-(vm_data))
    sbrs value_high, 7
    rjmp 1f
    add value_low, operand_high
    adc value_high, zero
1:  cp value_low, operand_high
    cpc value_high, zero
    brcs 2f
    rjmp index_error
2:  add r30, value_low
    adc r31, value_high
    ret
