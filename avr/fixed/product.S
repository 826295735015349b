; SPDX-License-Identifier: GPL-3.0-or-later
; uint16_t product_u8(uint8_t a, uint8_t b): fixed/product.h, for chips without MUL.
;                     r24        r22
; The bits of a leave r24 to the right, the lowest first, as the product's come in; each that is 1
; adds b to the upper byte, r25.
#ifndef __AVR_HAVE_MUL__
    .section .text.product_u8, "ax", @progbits
    .global product_u8
product_u8:
    clr r25
    ldi r23, 8
    lsr r24
1:  brcc 2f
    add r25, r22
2:  ror r25
    ror r24
    dec r23
    brne 1b
    ret
#endif
