; SPDX-License-Identifier: GPL-3.0-or-later
; What the transformer learns of the text: adapted.h and names.h, whose C is the specification.
;
; Registers of shift and learn:
;   Y        own, the `adapted`
;   r17:r16  the logits, or the frequencies
;   r22      a symbol
;   r15      learn: what came;   r14: 0 when it surprised, else 0xff
; begin and end keep for the caller what they use of its registers.
#include "charlm/adapted_layout.h"

#define SYMBOLS 66

    .text

; void adapted_shift(adapted *own, int16_t *logit)
;                    r24           r22
    .global adapted_shift
adapted_shift:
    rcall begin

; logit += bias / 2^BIAS_SHIFT, the bias at X, the logit at Z.
    movw r26, r28
    subi r26, lo8(-AT_BIAS)
    sbci r27, hi8(-AT_BIAS)
    movw r30, r16
    ldi r20, SYMBOLS
1:  ld r18, X+
    asr r18
    asr r18
    ld r24, Z
    ldd r25, Z + 1
    rcall add_signed
    st Z+, r24
    st Z+, r25
    dec r20
    brne 1b

; The guesses: r20 of them, r21 the first one's boost. At a speaker's start the initials.
    ldi r20, RECENT
    clr r21
    ldd r18, Y + AT_IN_LINE
    ldd r19, Y + AT_IN_SPEECH
    or r18, r19
    breq 3f
    clr r20
    rcall place
    breq 3f
    tst r19
    breq 3f

; What is kept: r22 is its letter, as a capital or small, as the logits have it.
    mov r22, r19
    andi r22, LETTER
    cpi r22, CAPITALS
    brlo 2f
    rcall entry
    ldd r20, Z + 2 * TO_SMALL
    ldd r21, Z + 2 * TO_SMALL + 1
    cp r24, r20
    cpc r25, r21
    brge 2f
    subi r22, -TO_SMALL
2:  std Y + AT_GUESSED + RECENT, r22
    ldi r20, 1
    mov r21, r19 ; its confidence, bits 7 and 6
    swap r21
    lsr r21
    lsr r21
    andi r21, 3
    subi r21, 1 - RECENT
    ldd r18, Y + AT_IN_SPEECH
    sbrc r18, 0
    subi r21, -CONFIDENCES
3:  std Y + AT_GUESSES, r20
    std Y + AT_BOOSTED, r21

; Each guess at X has its boost at Z.
    rcall first_guess
    rjmp 5f
4:  ld r22, X+
    ld r18, Z+
    push r30
    push r31
    rcall entry
    rcall add_signed
    subi r24, lo8(-BOOST_START)
    sbci r25, hi8(-BOOST_START)
    st Z, r24
    std Z + 1, r25
    pop r31
    pop r30
    dec r20
5:  tst r20
    brne 4b

    rjmp end

; void adapted_learn(adapted *own, const uint16_t *frequency, uint8_t came)
;                    r24           r22                        r20
    .global adapted_learn
adapted_learn:
    rcall begin
    mov r15, r20

; The sum of frequencies, r20:r19:r18.
    movw r30, r16
    clr r18
    clr r19
    clr r20
    ldi r21, SYMBOLS
1:  ld r24, Z+
    ld r25, Z+
    add r18, r24
    adc r19, r25
    adc r20, r1
    dec r21
    brne 1b

; Is it a surprise: 2^SURPRISE_SHIFT times its frequency within the sum?
    mov r22, r15
    rcall entry
    ldi r21, SURPRISE_SHIFT
2:  lsr r25
    ror r24
    dec r21
    brne 2b
    cp r19, r24
    cpc r20, r25
    sbc r14, r14

; One is drawn at the next fraction r23:r22 of the sum, which is r27:r26:r25.
    ldd r22, Y + AT_FRACTION
    ldd r23, Y + AT_FRACTION + 1
    subi r22, lo8(-GOLDEN)
    sbci r23, hi8(-GOLDEN)
    std Y + AT_FRACTION, r22
    std Y + AT_FRACTION + 1, r23
    clr r25
    clr r26
    clr r27
3:  lsr r20
    ror r19
    ror r18
    lsl r22
    rol r23
    brcc 4f
    add r25, r18
    adc r26, r19
    adc r27, r20
4:  cp r22, r1
    cpc r23, r1
    brne 3b
    movw r30, r16
    ldi r22, -1
5:  inc r22
    ld r18, Z+
    ld r19, Z+
    sub r25, r18
    sbc r26, r19
    sbc r27, r1
    brcc 5b

; A step towards what came, one away from what was drawn.
    push r22
    mov r22, r15
    ldi r20, 1
    rcall step
    pop r22
    ldi r20, -1
    rcall step

; What came is kept, if there is a place for it.
    rcall place
    breq end
    mov r22, r15
    rcall letter
    ldd r20, Y + AT_IN_SPEECH
    cpi r22, CAPITALS
    brsh 6f
    tst r20
    brne end
6:  tst r19
    breq 8f
    mov r18, r19
    andi r18, LETTER
    cp r18, r22
    brne 7f
    subi r19, -DOUBTED ; a hit
    brcs 9f ; not beyond the highest
    rjmp end
7:  cpi r19, NEW
    brlo 8f
    ori r18, DOUBTED ; a miss
    mov r19, r18
    rjmp 9f
8:  and r20, r14
    brne end
    mov r19, r22
    ori r19, NEW
9:  st X, r19

; To the caller.
end:
    pop r14
    pop r15
    pop r16
    pop r17
    pop r29
    pop r28
    ret

; void adapted_push(adapted *own, uint8_t symbol)
;                   r24           r22
; Own at Z; r18 and r19 say where the symbol stands, r20 is its letter.
    .global adapted_push
adapted_push:
    movw r30, r24
    ldd r18, Z + AT_IN_LINE
    ldd r19, Z + AT_IN_SPEECH
    or r19, r18
    brne 2f
    movw r26, r30 ; a speaker's initial: those before it are one more ago
    adiw r26, AT_GUESSED
    mov r19, r22
    ldi r20, RECENT
1:  ld r21, X
    st X+, r19
    mov r19, r21
    dec r20
    brne 1b
2:  ldd r21, Z + AT_BEGINNING
    ldd r19, Z + AT_WORD
    mov r23, r22
    rcall letter
    cpi r22, CAPITALS
    brsh 3f
    ldi r19, NO_WORD
    rjmp 4f
3:  tst r19
    brne 4f
    clr r21 ; a word begins
    ldi r19, SMALL_WORD
    cpse r22, r23
    rjmp 4f
    ldi r19, CAPITAL_WORD
4:  std Z + AT_WORD, r19
    add r22, r21
    lsl r21
    add r22, r21
    std Z + AT_BEGINNING, r22
    ldi r19, 1
    tst r23
    brne 5f
    std Z + AT_IN_SPEECH, r18
    clr r19
5:  std Z + AT_IN_LINE, r19
    ret

begin:
    pop r31 ; the return address, which has two bytes on these chips
    pop r30
    push r28
    push r29
    push r17
    push r16
    push r15
    push r14
    movw r28, r24
    movw r16, r22
    ijmp

; X = the place of what follows the beginning, r19 what is kept there. Z flag: there is none.
place:
    ldd r18, Y + AT_WORD
    lsr r18 ; 1 of a capital's word
    ldd r19, Y + AT_IN_SPEECH
    sbrs r19, 0
    ldd r18, Y + AT_IN_LINE
    ldd r26, Y + AT_BEGINNING
    cpi r26, NAMES
    brlo 1f
    subi r26, 128
1:  clr r27
    add r26, r28
    adc r27, r29
    adiw r26, AT_KEPT
    ld r19, X
    tst r18
    ret

; X = the first guess, Z = its boost, r20 guesses; r18 is lost.
first_guess:
    movw r26, r28
    adiw r26, AT_GUESSED
    movw r30, r28
    adiw r30, AT_BOOST
    ldd r20, Y + AT_GUESSES
    ldd r18, Y + AT_BOOSTED
    add r30, r18
    adc r31, r1
    cpse r18, r1
    adiw r26, RECENT
    ret

; A step for the symbol r22, in direction r20, 1 or -1.
step:
    movw r30, r28
    subi r30, lo8(-AT_BIAS)
    sbci r31, hi8(-AT_BIAS)
    add r30, r22
    adc r31, r1
    mov r21, r20
    rcall nudge

; The warmth r19:r18 goes up or down by a step r27:r26 for every octave of the frequency.
    rcall entry
    ldd r18, Y + AT_WARMTH
    ldd r19, Y + AT_WARMTH + 1
    ldi r26, lo8(WARMTH_STEP)
    ldi r27, hi8(WARMTH_STEP)
    sbrs r20, 7
    rjmp 1f
    ldi r26, lo8(-WARMTH_STEP)
    ldi r27, hi8(-WARMTH_STEP)
1:  lsr r25
    ror r24
    cp r24, r1
    cpc r25, r1
    breq 2f
    add r18, r26
    adc r19, r27
    rjmp 1b
2:  mov r24, r19
    subi r24, hi8(-WARMTH_LIMIT)
    cpi r24, hi8(2 * WARMTH_LIMIT)
    brsh 3f
    std Y + AT_WARMTH, r18
    std Y + AT_WARMTH + 1, r19

; Guesses of the symbol.
3:  mov r21, r20
    lsl r21 ; * BOOST_STEP
    lsl r21
    lsl r21
    rcall first_guess
    rjmp 6f
4:  ld r24, X+
    cpse r24, r22
    rjmp 5f
    rcall nudge
5:  adiw r30, 1
    dec r20
6:  tst r20
    brne 4b
    ret

; The byte at Z += r21, held in -127..127; r24 is lost.
nudge:
    ld r24, Z
    add r24, r21
    brvc 1f
    ldi r24, 127
    sbrc r21, 7
    ldi r24, -127
1:  cpi r24, -128
    brne 2f
    ldi r24, -127
2:  st Z, r24
    ret

; Z = the logit or frequency of the symbol r22, its value r25:r24.
entry:
    movw r30, r16
    add r30, r22
    adc r31, r1
    add r30, r22
    adc r31, r1
    ld r24, Z
    ldd r25, Z + 1
    ret

; r25:r24 += r18, signed; r19 is lost.
add_signed:
    mov r19, r18
    lsl r19
    sbc r19, r19
    add r24, r18
    adc r25, r19
    ret

; r22, a symbol, as it is kept: a small letter as a capital.
letter:
    cpi r22, SMALLS
    brlo 1f
    subi r22, TO_SMALL
1:  ret
