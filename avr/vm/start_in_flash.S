; SPDX-License-Identifier: GPL-3.0-or-later
; From reset to a program in flash, and its end. .data and .bss are set up between, where there is any.

    .section .init2, "ax", @progbits
machine_start:
    clr zero

    .section .init9, "ax", @progbits
#if defined(VM_READ) || defined(VM_EMIT)
    rcall clock_full_speed
    rcall uart_start
#endif
#ifdef VM_ADC
    rcall adc_start
#endif
#ifdef VM_RANDOM
    ldi value_low, 1
    mov noise_low, value_low
    clr noise_high
#endif
    clr page
    ldi pc_low, lo8(vm_program)
    ldi pc_high, hi8(vm_program)
    rjmp next

; The place behind the call says which error: 0 for none, else a failure_kind of failure.h. It stays in
; the last three bytes of SRAM, where no stack is wanted any more, with pc: behind the opcode, or behind
; operands that were passed.
    .section .vectors
    .subsection 2
stop:
    pop r25
    pop r24
    subi r24, lo8(pm(zero_division_error))
    ldi r30, lo8(RAMEND - 2)
    ldi r31, hi8(RAMEND - 2)
    st Z, r24
    std Z+1, pc_low
    std Z+2, pc_high
    ldi r24, _BV(SM1) | _BV(SE)      ; power-down
#ifdef SMCR
    out _SFR_IO_ADDR(SMCR), r24
#else
    out _SFR_IO_ADDR(MCUCR), r24
#endif
1:  sleep
    rjmp 1b
