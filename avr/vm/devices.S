; SPDX-License-Identifier: GPL-3.0-or-later
; What a program imports from chip. Registers that C may change hold nothing of the machine's but value.

#ifdef VM_READ
    .subsection 0
handler read
#ifdef VM_IN_SRAM
    rcall python_ask
#endif
    .global serial_read
serial_read:
    rcall uart_get
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
    andi value_low, 7
    rcall adc_value
    rjmp next
#endif

#ifdef VM_RANDOM
    .subsection 0
handler random
    rjmp random

handler seed
    movw noise_low, value_low
    rjmp next

    .subsection 2
; x ^= x << 7; x ^= x >> 9; x ^= x << 8: George Marsaglia, "Xorshift RNGs", Journal of Statistical
; Software 8 (14), 2003. Its low byte.
random:
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
#endif

#ifdef VM_PINS
    .subsection 0
handler pin
    andi value_low, 7
    rcall pins_level
    clr value_high
    rjmp next

    .subsection 1
handler set_pin
    rjmp set_pin

    .subsection 2
set_pin:
    or value_low, value_high
    mov r0, left_low
    ldi left_low, 1
    cpse value_low, zero
    rjmp 1f
    clr left_low
1:  mov value_low, r0
    andi value_low, 7
    rcall pins_drive
    rjmp next
#endif
