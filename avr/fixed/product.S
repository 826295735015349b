; SPDX-License-Identifier: GPL-3.0-or-later
; uint16_t product_high(uint16_t a, uint8_t b): fixed/product.h, for chips without MUL.
;                       r24         r22
; The bits of b leave to the right, the lowest first; each that is 1 adds a, r18:r19, to the product,
; r24:r25, which is halved after each.
#ifndef __AVR_HAVE_MUL__
    .section .text.product_high, "ax", @progbits
    .global product_high
product_high:
    movw r18, r24
    clr r24
    clr r25
    ldi r23, 8
1:  lsr r22
    brcc 2f
    add r24, r18
    adc r25, r19
2:  ror r25
    ror r24
    dec r23
    brne 1b
    ret
#endif
