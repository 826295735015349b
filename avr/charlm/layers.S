; SPDX-License-Identifier: GPL-3.0-or-later
; The transformer's layers: levels.h, scaled.h, norm.h, falling.h, attend.h and bisection.h, whose C is
; their specification. One section, so that all parts reach each other by RCALL and whoever needs one layer
; takes them all.
;
; Chips with MUL and without differ in two places, layers/product.S and layers/pair.S. Both were
; chosen for size: what is multiplied most, two levels of a byte with one value, stands in its loop;
; all other products are one subroutine.
;
; Registers, unless a layer says otherwise:
;   r23:r22  a sum on its way through product, scaled and clamp
;   r21      what it is multiplied by
;   r20..r18 lost in these three, with r0 and, where there is MUL, r1
;   r25:r24  kept by these three
;   Z        the tape
;   r16      n,  r14  what is left to do
    .section .text.layers, "ax", @progbits

; Called first by a layer: keeps the registers of its caller, and puts its first four arguments into Y,
; Z, X or r13:r12, and r11:r10.
begin:
    pop r27 ; whereto
    pop r26
    .irp kept, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29
    push \kept
    .endr
    push r26
    push r27
    movw r28, r24
    movw r30, r22
    movw r26, r20
    movw r12, r20
    movw r10, r18
    ret

; Jumped to last: returns Z.
finish:
    movw r24, r30
    clr r1
    .irp kept, 29, 28, 17, 16, 15, 14, 13, 12, 11, 10
    pop \kept
    .endr
    ret

#include "charlm/layers/product.S"
#include "charlm/layers/pair.S"
#include "charlm/layers/levels.S"
#include "charlm/layers/divide.S"
#include "charlm/layers/norm.S"
#include "charlm/layers/falling.S"
#include "charlm/layers/attend.S"
#include "charlm/layers/bisection.S"
