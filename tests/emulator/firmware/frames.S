; SPDX-License-Identifier: GPL-3.0-or-later
; Sends frames in a format that the test puts into registers when it stops at `start`: r18 UCSRA,
; r19 UCSRC, r20 UCSZ2 (in UCSRB), r21 UBRRL, r22 UBRRH. BODY does the sending, from `first` on; the
; USART's transmit-complete interrupt ends it at `complete`.
#include <avr/io.h>

#ifdef SECOND
#undef USART0_TX_vect
#undef USART0_UDRE_vect
#endif
#ifdef SECOND
#define A UCSR1A
#define B UCSR1B
#define C UCSR1C
#define DATA UDR1
#define LOW UBRR1L
#define HIGH UBRR1H
#define USART0_TX_vect USART1_TX_vect
#define USART0_UDRE_vect USART1_UDRE_vect
#elif defined UCSR0A
#define A UCSR0A
#define B UCSR0B
#define C UCSR0C
#define DATA UDR0
#define LOW UBRR0L
#define HIGH UBRR0H
#else                       /* ATmega8: in I/O space */
#define A _SFR_IO_ADDR(UCSRA) + 0x20
#define B _SFR_IO_ADDR(UCSRB) + 0x20
#define C _SFR_IO_ADDR(UCSRC) + 0x20
#define DATA _SFR_IO_ADDR(UDR) + 0x20
#define LOW _SFR_IO_ADDR(UBRRL) + 0x20
#define HIGH _SFR_IO_ADDR(UBRRH) + 0x20
#define USART0_TX_vect USART_TXC_vect
#define USART0_UDRE_vect USART_UDRE_vect
#endif
#ifdef USART_TX_vect
#define USART0_TX_vect USART_TX_vect
#define USART0_UDRE_vect USART_UDRE_vect
#endif
#define TXEN_TXCIE 0x48
#define UDRIE_BIT 5
    .global main, start, first, complete, USART0_TX_vect, USART0_UDRE_vect
main:
start:
#ifdef LATE_FORMAT              /* a new format takes effect without a write of UBRRL */
    sts HIGH, r22
    sts LOW, r21
#endif
    ori r20, TXEN_TXCIE
    sts B, r20
    sts A, r18
    sts C, r19
#ifndef LATE_FORMAT
    sts HIGH, r22
    sts LOW, r21
#endif
    ldi r24, 0x80
    sei
    BODY
1:  sleep
    rjmp 1b
USART0_TX_vect:
complete:
    cli
    sleep
USART0_UDRE_vect:               ; sends r25 bytes
    subi r25, 1
    brcs 2f
    sts DATA, r25
    reti
2:  lds r24, B
    andi r24, ~(1 << UDRIE_BIT)
    sts B, r24
    reti
