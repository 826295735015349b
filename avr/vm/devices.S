; SPDX-License-Identifier: GPL-3.0-or-later
; What a program imports from chip. Registers that C may change hold nothing of the machine's but value.

#ifdef VM_READ
    .subsection 0
handler read
#ifdef VM_IN_SRAM
    rcall python_read
#else
    rcall uart_get
#endif
    clr value_high
    rjmp next
#endif

#ifdef VM_EMIT
    .subsection 0
handler emit
#ifdef VM_IN_SRAM
    rcall python_emit
#else
    mov r11, value_high
    rcall uart_put
    mov value_low, r11
    rcall uart_put
#endif
    rjmp next
#endif

#ifdef VM_ADC
    .subsection 0
handler adc
    rcall adc_word
    rjmp next
#endif

#ifdef VM_RANDOM
; x ^= x << 7; x ^= x >> 9; x ^= x << 8: George Marsaglia, "Xorshift RNGs", Journal of Statistical
; Software 8 (14), 2003. Its low byte.
    .subsection 0
handler random
    mov r0, noise_high
    lsr r0
    mov r25, noise_low
    ror r25
    clr r24
    ror r24
    eor noise_low, r24
    eor noise_high, r25
    mov r0, noise_high
    lsr r0
    eor noise_low, r0
    eor noise_high, noise_low
    mov value_low, noise_low
    clr value_high
    rjmp next

handler seed
    movw noise_low, value_low
    rjmp next
#endif

#ifdef VM_PINS
    .subsection 0
handler pin
    mov left_low, value_low
    rcall pin_bit
    in r20, _SFR_IO_ADDR(PINB)
    clr value_low
    clr value_high
    and r20, operand
    breq 1f
    inc value_low
1:  rjmp next

    .subsection 1
handler set_pin
    rcall pin_bit
    in r20, _SFR_IO_ADDR(DDRB)
    or r20, operand
    out _SFR_IO_ADDR(DDRB), r20
    in r20, _SFR_IO_ADDR(PORTB)
    or r20, operand
    sbiw value_low, 0
    brne 1f
    eor r20, operand
1:  out _SFR_IO_ADDR(PORTB), r20
    rjmp next

    .subsection 2
; The bit of port B that left_low counts, into operand; none beyond 7.
pin_bit:
    ldi operand, 1
1:  subi left_low, 1
    brcs 2f
    lsl operand
    rjmp 1b
2:  ret
#endif
