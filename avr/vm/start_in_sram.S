; SPDX-License-Identifier: GPL-3.0-or-later
; From reset to the C of an app that takes programs; from there to a program in SRAM, and its end. Each
; way the whole stack is new: neither side has anything on it that the other would want back.

    .section .init2, "ax", @progbits
machine_start:
    clr zero

    .section .init9, "ax", @progbits
    rjmp main

    .section .vectors
    .subsection 2
; void python_begin(void), which does not return: python_check() with the whole stack.
    .global python_begin
python_begin:
    rcall new_stack
    rjmp python_check

; void python_start(const uint8_t *code, uint16_t lowest_stack), which does not return.
    .global python_start
python_start:
    movw pc_low, r24
    movw limit_low, r22
    clr page
    lds noise_low, python_noise
    lds noise_high, python_noise + 1
    rcall new_stack
    rcall python_started        ; the answer, where nothing of the loader's is on the stack
    rjmp next

; The place behind the call says which error, 0 for none:
; void python_stopped(uint8_t error, const uint8_t *pc), which does not return.
stop:
    pop r25
    pop r24
    subi r24, lo8(pm(zero_division_error))
    movw r22, pc_low
    sts python_noise, noise_low
    sts python_noise + 1, noise_high
    rcall new_stack
    rjmp python_stopped

new_stack:
    pop r31
    pop r30
    ldi r20, lo8(RAMEND)
    out _SFR_IO_ADDR(SPL), r20
    ldi r20, hi8(RAMEND)
    out _SFR_IO_ADDR(SPH), r20
    ijmp

    .section .noinit, "aw", @nobits
    .global python_noise
python_noise:
    .space 2                    ; the state of random(), between runs
