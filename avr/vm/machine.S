; SPDX-License-Identifier: GPL-3.0-or-later
; An interpreter for the Python subset, whole in one assembly unit: an app in avr/apps includes
; <avr/io.h>, its options (README.md) and this file.
;
; An opcode IS the low byte of its handler's word address. All handlers start in the first 256 words of
; flash, so dispatch needs no table: r30 is the opcode, r31 is 0, ijmp. The assembler writes a program
; in flash from these addresses; a host that uploads one takes them from the linked image.
;
; It is an accumulator machine. `value` is the accumulator; the stack of the chip holds what waits for
; it. A handler of a binary operation stands in subsection 1, and dispatch pops its left operand.
;
;   r0        scratch                     r16       opcode
;   r1        zero, as C has it           r17       0: the page's number
;   r2:r3     frame                       r18       operand: the byte behind the opcode, not yet passed
;   r12:r13   state of random()           r19       a second operand
;   r14:r15   lowest stack (uploaded)     r20:r21   scratch
;   r28:r29   pc, at the operand          r22:r23   left operand
;   r30:r31   scratch                     r24:r25   value
;
; Subsections keep the page in order: 0 handlers, 1 binary handlers, 2 what need not lie in the page.

#define zero r1
#define noise_low r12
#define noise_high r13
#define limit_low r14
#define limit_high r15
#define frame_low r2
#define frame_high r3
#define opcode r16
#define page r17
#define operand r18
#define operand_high r19
#define left_low r22
#define left_high r23
#define value_low r24
#define value_high r25
#define pc_low r28
#define pc_high r29

; The byte of the program at pc into a register.
.macro fetch register
#ifdef VM_IN_SRAM
    ld \register, Y
#else
    movw r30, pc_low
    lpm \register, Z
#endif
.endm

.macro handler name
    .global op_\name
op_\name:
.endm

    .section .vectors, "ax", @progbits
    .global bare_start
bare_start:
    rjmp machine_start

#include "vm/dispatch.S"
#include "vm/variables.S"
#include "vm/control.S"
#include "vm/compare.S"
#include "vm/arithmetic.S"
#ifdef VM_MULTIPLY
#include "vm/multiply.S"
#endif
#ifdef VM_DIVIDE
#include "vm/divide.S"
#endif
#ifdef VM_ARRAYS
#include "vm/arrays.S"
#endif
#include "vm/devices.S"

    .subsection 1
    .global page_end                ; the host looks that this is not behind the short forms
page_end:
