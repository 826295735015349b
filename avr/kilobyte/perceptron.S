; SPDX-License-Identifier: GPL-3.0-or-later
; The averaged perceptron on voltages, all in assembly: online/averaged.h with a margin of 1/2 (the
; config stream_linear-averaged) is its specification and gives the same bits.
;
;   ADC1, ADC2   the inputs, 0..supply as 0..255
;   ADC3         the label: the lowest quarters of the supply are 0 and 1; above, answer only
;   PB0          the answer
;
; The chip stays at the eighth of its oscillator that it is shipped with: 1.2 MHz on an ATtiny13A.
#define __SFR_OFFSET 0
#include <avr/io.h>

; The model in SRAM (perceptron.h). All of it lies below 0x100, so that the low byte of an address is
; enough to tell where a loop ends.
#define WEIGHT net
#define SUM (net + 9)
#define INPUT (net + 18)
#define NUMBER 3 /* bytes */

#define ONE 64           /* the constant input, Q7 */
#define MARGIN_HIGH 0x20 /* 1/2 in Q14, 0x2000 */
#define FULL_TOP 0x40    /* a sum is full at 2^22, 0x400000 */
#define FIRST_INPUT (_BV(ADLAR) | 1)
#define BEHIND_LABEL (_BV(ADLAR) | 4)
#define ADC_CLOCK (_BV(ADEN) | 3) /* 1.2 MHz / 8 */
#define ANSWER PB0

; What the registers hold. r27 and r31 stay 0: they are the high bytes of X and Z.
#define full r15  /* bit 7: a sum is full */
#define score0 r16
#define score1 r17
#define score2 r18
#define score3 r19
#define left r20  /* bits of a factor */
#define mux r20   /* the input that is converted */
#define label r21 /* bit 7: there is one; bit 6: it is 1 */
#define factor r22
#define top r23   /* sign of a number, one byte above it */
#define number0 r24
#define number1 r25
#define number2 r28
#define other r29
#define zero r27

; bit 7 of \from, eight times
    .macro sign_of to, from
    clr \to
    sbrc \from, 7
    com \to
    .endm

    .section .vectors, "ax", @progbits
    .global bare_start
bare_start:
    sbi DDRB, ANSWER
    ldi r16, ADC_CLOCK
    out ADCSRA, r16
    clr XH
    clr ZH
    ldi ZL, lo8(WEIGHT)
clear:
    st Z+, zero
    cpi ZL, lo8(INPUT)
    brne clear

; x = two voltages less 128, and the constant. The label is converted as a third and stands in the
; constant's place for a moment.
    .global sample
sample:
    ldi XL, lo8(INPUT)
    ldi mux, FIRST_INPUT
convert:
    out ADMUX, mux
    sbi ADCSRA, ADSC
1:  sbic ADCSRA, ADSC
    rjmp 1b
    in label, ADCH
    subi label, 128
    st X+, label
    inc mux
    cpi mux, BEHIND_LABEL
    brne convert
    ldi r16, ONE
    st -X, r16

; The answer is the sign of sum . x; PB0 goes straight from the last answer to this one.
answer:
    ldi ZL, lo8(SUM)
    rcall product
    sbrc score3, 7
    cbi PORTB, ANSWER
    sbrs score3, 7
    sbi PORTB, ANSWER
    sbrs label, 7
    rjmp sample

; T: is the score w . x within the margin on the label's side? For 1: w . x - margin - 1 < 0; for 0:
; w . x + margin >= 0.
judge:
    ldi ZL, lo8(WEIGHT)
    rcall product
    sbrc label, 6
    rjmp below_margin
    subi score1, -MARGIN_HIGH
    sbci score2, -1
    sbci score3, -1
    com score3
    rjmp margin_known
below_margin:
    subi score0, 1
    sbci score1, MARGIN_HIGH
    sbci score2, 0
    sbci score3, 0
margin_known:
    bst score3, 7

; For each weight: w += x or w -= x if T, held in +-32767; then sum += w.
learn:
    clr full
    ldi ZL, lo8(WEIGHT)
    ldi XL, lo8(INPUT)
step:
    ld number0, Z
    ldd number1, Z+1
    ld factor, X+
    brtc average
    sign_of top, factor
    sbrs label, 6
    rjmp step_down
    add number0, factor
    adc number1, top
    rjmp saturate
step_down:
    sub number0, factor
    sbc number1, top
saturate: ; LDI leaves the flags of the sum: V, and in S its true sign
    brvc symmetric
    ldi number0, lo8(32767)
    ldi number1, hi8(32767)
    brge symmetric
    adiw number0, 1
symmetric: ; -32768 becomes -32767
    ldi other, 0x80
    cpi number0, 1
    cpc number1, other
    brge average
    inc number0
average:
    sign_of number2, number1
    st Z+, number0
    st Z+, number1
    st Z+, number2
    ldd other, Z+(SUM-WEIGHT-NUMBER)
    add number0, other
    std Z+(SUM-WEIGHT-NUMBER), number0
    ldd other, Z+(SUM-WEIGHT-NUMBER+1)
    adc number1, other
    std Z+(SUM-WEIGHT-NUMBER+1), number1
    ldd other, Z+(SUM-WEIGHT-NUMBER+2)
    adc number2, other
    std Z+(SUM-WEIGHT-NUMBER+2), number2
    subi number2, -FULL_TOP
    or full, number2
    cpi ZL, lo8(SUM)
    brne step

; Only the proportions of the sums count: all are halved when one is full.
    sbrs full, 7
    rjmp sample
halve:
    ldd number2, Z+2
    asr number2
    std Z+2, number2
    ldd number1, Z+1
    ror number1
    std Z+1, number1
    ld number0, Z
    ror number0
    st Z+, number0
    adiw ZL, NUMBER - 1
    cpi ZL, lo8(INPUT)
    brne halve
    rjmp sample

; score = sum over i of number[i] * x[i], the numbers from Z on. A product is a sum of the number,
; doubled from bit to bit of the factor; bit 7 of the factor counts -128, as 128 - 256.
product:
    ldi XL, lo8(INPUT)
    clr score0
    clr score1
    movw score2, score0
each_product:
    ld number0, Z+
    ld number1, Z+
    ld number2, Z+
    sign_of top, number2
    ld factor, X+
    bst factor, 7
    ldi left, 8
each_bit:
    lsr factor
    brcc double
    add score0, number0
    adc score1, number1
    adc score2, number2
    adc score3, top
double:
    lsl number0
    rol number1
    rol number2
    rol top
    dec left
    brne each_bit
    brtc next_product
    sub score0, number0
    sbc score1, number1
    sbc score2, number2
    sbc score3, top
next_product:
    cpi XL, lo8(INPUT + 3)
    brne each_product
    ret
