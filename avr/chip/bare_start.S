; SPDX-License-Identifier: GPL-3.0-or-later
; Start-up code for an app without interrupts, in place of avr-libc's: it saves the table of vectors,
; some hundred bytes. Reset jumps into the usual chain of .init sections, so .data and .bss are set up
; when the app has them. The stack pointer is RAMEND after every reset of these chips.
; FAR_START: for an app with more constants in flash than a relative jump passes over.
#define zero r1

    .section .vectors, "ax", @progbits
    .global bare_start
bare_start:
#if defined FAR_START && defined __AVR_HAVE_JMP_CALL__
    jmp first
#else
    rjmp first
#endif

    .section .init2, "ax", @progbits
first:
    clr zero

    .section .init9, "ax", @progbits
    rjmp main
