; SPDX-License-Identifier: GPL-3.0-or-later
; The whole machine, for programs that come over the line; and the table of its opcodes for verify.c.
#include APP_CONFIG

#define VM_ADC 1
#define VM_AND 1
#define VM_ARRAYS 1
#define VM_BYTES 1
#define VM_CALLS 1
#define VM_DIVIDE 1
#define VM_EMIT 1
#define VM_EQUAL 1
#define VM_FAR 1
#define VM_FOR 1
#define VM_GREATER 1
#define VM_LISTS 1
#define VM_MIN_MAX 1
#define VM_MODULO 1
#define VM_MULTIPLY 1
#define VM_NEGATE 1
#define VM_NONZERO 1
#define VM_NUMBERS 1
#define VM_OR 1
#define VM_PINS 1
#define VM_RANDOM 1
#define VM_READ 1
#define VM_SHIFTS 1
#define VM_SWAP 1
#define VM_WORDS 1
#define VM_XOR 1

#include "vm/machine.S"
#include "vm/start_in_sram.S"
#include "vm/verify.h"

#define OPCODE(name, kind, pushes, option)                                                         \
    .byte (op_##name - bare_start) / 2, KIND_##kind | ((pushes) + 1) << 4

    .section .vectors
    .subsection 3
    .global python_opcodes
python_opcodes:
#include "vm/opcodes.h"
    .balign 2

; Below its data, in which a program's numbers count from vm_data.
    .section .noinit
    .global vm_data
vm_data:
    .space PYTHON_DATA_BYTES
