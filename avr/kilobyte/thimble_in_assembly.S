; SPDX-License-Identifier: GPL-3.0-or-later
; The network of thimble.h without a compiler: it learns exclusive or from the bytes in `seed`, then
; shows its answers to the patterns 0..3 on the pins B0..B3 and sleeps. `seed` is whatever SRAM holds
; at power-up, or what a debugger has put there.
;
; Nothing calls, nothing is pushed: the stack is empty. SRAM lies below 0x100, so Z's high byte, once
; 0, is the register with zero in it.
#include <avr/io.h>
#include "kilobyte/thimble.h"

#define zero    r31
#define seed_lo r16
#define seed_hi r17
#define rounds  r18 /* left of this try */
#define answers r19 /* shifted in from the left; bit 0 at the end of a round: no step in it */
#define pattern r20 /* 4 + the pattern */
#define inputs  r21 /* 4 + the pattern: 1 of the bias, x[1], x[0]; eaten from the right */
#define o_lo    r22
#define o_hi    r23
#define sum     r24
#define v       r25
#define weight  r26
#define step    r27

#define UNIT_H 3 /* offsets in a hidden unit: w0, w1, b, h, v */
#define UNIT_V 4

    .section .noinit, "aw", @nobits
    .global seed, net, net_end
    .type seed, @object
    .type net, @object
    .size seed, 2
    .size net, 1 + 5 * THIMBLE_HIDDEN
seed:
    .skip 2
net: ; c, then the hidden units
    .skip 1 + 5 * THIMBLE_HIDDEN
net_end:

; ---- reset: the image has no table of vectors and no start-up code ---------------------------------
    .section .vectors, "ax", @progbits
    .global bare_start
bare_start:
    clr zero
    ldi ZL, lo8(seed)
    ld seed_lo, Z+
    ld seed_hi, Z+

; ---- a try: c = 0, and fresh weights in -1/2..1/2 --------------------------------------------------
fresh_weights:
    ldi ZL, lo8(net)
    clr weight
    st Z+, weight
1:  add seed_hi, seed_lo ; 257 * seed
    subi seed_lo, lo8(-THIMBLE_ADDEND)
    sbci seed_hi, hi8(-THIMBLE_ADDEND)
    mov weight, seed_hi
    asr weight
    asr weight
    st Z+, weight
    cpi ZL, lo8(net_end)
    brne 1b
    ldi rounds, THIMBLE_ROUNDS + 1

round:
    dec rounds
    breq fresh_weights
    ldi pattern, 4
    ldi answers, 0x10 ; comes to bit 0 with the fourth answer

; ---- forward: o = c + sum of v * h -----------------------------------------------------------------
forward:
    ldi ZL, lo8(net)
    ld o_hi, Z+
    clr o_lo
forward_unit:
    clr sum
    mov inputs, pattern
1:  ld weight, Z+
    sbrc inputs, 0
    add sum, weight
    lsr inputs
    brne 1b
    sbrc sum, 7 ; ReLU
    clr sum
    st Z+, sum
    ld v, Z+
multiply: ; h times o += v
    subi sum, 1
    brcs product_added
    add o_lo, v
    adc o_hi, zero
    sbrc v, 7
    dec o_hi
    rjmp multiply
product_added:
    cpi ZL, lo8(net_end)
    brne forward_unit

; ---- is it right, and by the margin? ---------------------------------------------------------------
compare:
    mov weight, o_hi
    lsl weight ; the sign of o, 1 for the answer 0
    ror answers
    inc pattern ; its bit 1 is now the exclusive or of the bits it had
    sbrs pattern, 1
    com o_hi
    cpi o_hi, THIMBLE_MARGIN
    brge next_pattern
    clr answers

; ---- backward: all nine parameters one step down the gradient --------------------------------------
backward:
    ldi ZL, lo8(net)
    ld weight, Z
    subi weight, -THIMBLE_BIAS_STEP
    sbrs pattern, 1
    subi weight, 2 * THIMBLE_BIAS_STEP
    st Z+, weight
backward_unit:
    clr step ; of w and b: t * v / 4, or 0 for a unit at rest
    ldd sum, Z + UNIT_H
    cpse sum, zero
    ldd step, Z + UNIT_V
    asr step
    asr step
    sbrs pattern, 1
    neg step
    lsr sum ; of v: t * h / 4
    lsr sum
    sbrs pattern, 1
    neg sum
    ldd v, Z + UNIT_V
    add v, sum
    std Z + UNIT_V, v
    mov inputs, pattern
    dec inputs
1:  ld weight, Z
    sbrc inputs, 0
    add weight, step
    st Z+, weight
    lsr inputs
    brne 1b
    adiw ZL, 2
    cpi ZL, lo8(net_end)
    brne backward_unit

next_pattern:
    sbrs pattern, 3
    rjmp forward
    sbrs answers, 0
    rjmp round

; ---- the end: the four answers on B0..B3, and sleep: no interrupt is on to end it ------------------
learned:
    com answers
    swap answers
    out _SFR_IO_ADDR(PORTB), answers
    ldi weight, 0x0F
    out _SFR_IO_ADDR(DDRB), weight
    ldi weight, _BV(SE) | _BV(SM1) ; power-down
    out _SFR_IO_ADDR(MCUCR), weight
    sleep
