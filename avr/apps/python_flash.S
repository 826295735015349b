; SPDX-License-Identifier: GPL-3.0-or-later
; A Python program in flash, and of the machine what it uses. The host writes the config: the options
; VM_..., VM_DATA_BYTES, VM_STACK_BYTES, and the macros vm_instructions and (with VM_DATA_INITIAL)
; vm_initial_data.
#include <avr/io.h>

#ifndef APP_CONFIG
#error "python_flash needs a program: build it with `kilolearn py build`"
#endif
#include APP_CONFIG

; Below what the deepest function pushes lie the machine's own returns, 4 bytes; then the variables.
#define vm_lowest_stack (__heap_start + VM_STACK_BYTES + 4 - 1)

#include "vm/machine.S"
#include "vm/start_in_flash.S"

.macro instruct name, operands:vararg
    .byte (op_\name - bare_start) / 2
    .ifnb \operands
    .byte \operands
    .endif
.endm

.macro instruct_short name, operand
    .byte (op_\name - bare_start) / 2 + \operand
.endm

    .section .vectors
    .subsection 3
    .global vm_program
vm_program:
    vm_instructions
    .balign 2

#ifdef VM_DATA_INITIAL
    .global __do_copy_data
    .section .data
    .global vm_data
vm_data:
    vm_initial_data
#else
    .global __do_clear_bss
    .section .bss
    .global vm_data
vm_data:
    .space VM_DATA_BYTES
#endif
