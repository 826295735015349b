; SPDX-License-Identifier: GPL-3.0-or-later
; r19:r21:r20 /= r23:r22, unsigned; by 0 it is 2^24 - 1. The remainder in r25:r24; r18 counts.
divide:
    clr r24
    clr r25
    ldi r18, 24
divide_on: ; with a rest in r25:r24 already, r18 rounds more
1:  lsl r20
    rol r21
    rol r19
    rol r24
    rol r25
    brcs 2f
    cp r24, r22
    cpc r25, r23
    brlo 3f
2:  sub r24, r22
    sbc r25, r23
    inc r20
3:  dec r18
    brne 1b
    ret
