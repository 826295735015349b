/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arms one source of interrupts, named by -D, and sleeps; every vector counts in `seen`, and
 * `expected` is the source's number in avr-libc's header. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#ifndef TIMSK0
#define TIMSK0 TIMSK
#define TIMSK1 TIMSK
#endif
#ifndef TCCR0B /* the ATtiny88's timer 0 has one control register */
#define TCCR0B TCCR0A
#endif

/* -DUSE_PCINT=2: pin change interrupt 2, by bit 1 of its mask */
#define GLUE(a, n, b) a##n##b
#define VECTOR_OF(n) GLUE(PCINT, n, _vect_num)
#define MASK_OF(n) GLUE(PCMSK, n, )
#define ENABLE_OF(n) GLUE(PCIE, n, )

enum { VECTORS = _VECTORS_SIZE / (FLASHEND > 0x1FFF ? 4 : 2) };

volatile uint8_t seen[VECTORS];
volatile uint8_t expected;
volatile uint8_t wakes;

#define COUNT(n)                                                                                   \
    ISR(_VECTOR(n)) {                                                                              \
        seen[n] = 1;                                                                               \
    }
/* A table: clang-format would make a staircase of it. */
/* clang-format off */
COUNT(1) COUNT(2) COUNT(3) COUNT(4) COUNT(5) COUNT(6) COUNT(7) COUNT(8) COUNT(9) COUNT(10)
COUNT(11) COUNT(12) COUNT(13) COUNT(14) COUNT(15) COUNT(16) COUNT(17) COUNT(18) COUNT(19)
#if _VECTORS_SIZE / (FLASHEND > 0x1FFF ? 4 : 2) > 20
COUNT(20) COUNT(21) COUNT(22) COUNT(23) COUNT(24) COUNT(25) COUNT(26) COUNT(27)
#endif
#if _VECTORS_SIZE / (FLASHEND > 0x1FFF ? 4 : 2) > 28
COUNT(28) COUNT(29)
#endif
    /* clang-format on */

    static void arm(void) {
#if defined(USE_TIMER0_OVF)
    expected = TIMER0_OVF_vect_num;
    TIMSK0 = 1 << TOIE0;
    TCCR0B = 1;
#elif defined(USE_TIMER0_COMPA)
    expected = TIMER0_COMPA_vect_num;
    OCR0A = 100;
    TIMSK0 = 1 << OCIE0A;
    TCCR0B = 1;
#elif defined(USE_TIMER0_COMPB)
    expected = TIMER0_COMPB_vect_num;
    OCR0B = 100;
    TIMSK0 = 1 << OCIE0B;
    TCCR0B = 1;
#elif defined(USE_TIMER1_OVF)
    expected = TIMER1_OVF_vect_num;
    TIMSK1 = 1 << TOIE1;
    TCCR1B = 1;
#elif defined(USE_TIMER1_COMPA)
    expected = TIMER1_COMPA_vect_num;
    OCR1A = 1000;
    TIMSK1 = 1 << OCIE1A;
    TCCR1B = 1;
#elif defined(USE_TIMER1_COMPB)
    expected = TIMER1_COMPB_vect_num;
    OCR1B = 1000;
    TIMSK1 = 1 << OCIE1B;
    TCCR1B = 1;
#elif defined(USE_TIMER1_CAPT)
    expected = TIMER1_CAPT_vect_num;
    TIMSK1 = 1 << ICIE1;
    TCCR1B = 1 << ICES1 | 1;
#elif defined(USE_TIMER2_OVF)
    expected = TIMER2_OVF_vect_num;
    TIMSK2 = 1 << TOIE2;
    TCCR2B = 1;
#elif defined(USE_TIMER2_COMPA)
    expected = TIMER2_COMPA_vect_num;
    OCR2A = 1000;
    TIMSK2 = 1 << OCIE2A;
    TCCR2B = 1;
#elif defined(USE_TIMER2_COMPB)
    expected = TIMER2_COMPB_vect_num;
    OCR2B = 1000;
    TIMSK2 = 1 << OCIE2B;
    TCCR2B = 1;
#elif defined(USE_TIMER2_CAPT)
    expected = TIMER2_CAPT_vect_num;
    TIMSK2 = 1 << ICIE2;
    TCCR2B = 1 << ICES2 | 1;
#elif defined(USE_INT0) && defined(EIMSK)
    expected = INT0_vect_num;
    EICRA = 1 << ISC01 | 1 << ISC00;
    EIFR = 1 << INTF0; /* a change of ISC may have set it */
    EIMSK = 1 << INT0;
#elif defined(USE_INT0)
    expected = INT0_vect_num;
    MCUCR |= 1 << ISC01 | 1 << ISC00;
    GIFR = 1 << INTF0;
    GIMSK = 1 << INT0;
#elif defined(USE_INT1)
    expected = INT1_vect_num;
    EICRA = 1 << ISC11 | 1 << ISC10;
    EIFR = 1 << INTF1;
    EIMSK = 1 << INT1;
#elif defined(USE_PCINT) && defined(PCICR)
    expected = VECTOR_OF(USE_PCINT);
    MASK_OF(USE_PCINT) = 1 << 1;
    PCICR = 1 << ENABLE_OF(USE_PCINT);
#elif defined(USE_PCINT)
    expected = VECTOR_OF(USE_PCINT);
    MASK_OF(USE_PCINT) = 1 << 1;
    GIMSK = 1 << ENABLE_OF(USE_PCINT);
#elif defined(USE_WDT)
    expected = WDT_vect_num;
    WDTCSR |= 1 << WDIE;
#elif defined(USE_ADC)
    expected = ADC_vect_num;
    ADCSRA = 1 << ADEN | 1 << ADIE | 1 << ADSC;
#elif defined(USE_EEPROM)
#ifdef EE_READY_vect_num
    expected = EE_READY_vect_num;
#else
    expected = EE_RDY_vect_num;
#endif
    EEARL = 1;
    EEDR = 1;
    EECR = 1 << EEMPE;
    EECR |= 1 << EEPE;
    EECR |= 1 << EERIE;
#elif defined(USE_USART0_RX)
    expected = USART0_RX_vect_num;
    UCSR0B = 1 << RXEN0 | 1 << RXCIE0;
#elif defined(USE_USART0_TX)
    expected = USART0_TX_vect_num;
    UCSR0B = 1 << TXEN0 | 1 << TXCIE0;
    UDR0 = 1;
#elif defined(USE_USART0_UDRE)
    expected = USART0_UDRE_vect_num;
    UCSR0B = 1 << TXEN0 | 1 << UDRIE0;
    UDR0 = 1;
#elif defined(USE_USART1_RX)
    expected = USART1_RX_vect_num;
    UCSR1B = 1 << RXEN1 | 1 << RXCIE1;
#elif defined(USE_USART1_TX)
    expected = USART1_TX_vect_num;
    UCSR1B = 1 << TXEN1 | 1 << TXCIE1;
    UDR1 = 1;
#elif defined(USE_USART1_UDRE)
    expected = USART1_UDRE_vect_num;
    UCSR1B = 1 << TXEN1 | 1 << UDRIE1;
    UDR1 = 1;
#elif defined(USE_SPI)
#ifdef SPI_STC_vect_num
    expected = SPI_STC_vect_num;
#else
    expected = SPI_vect_num;
#endif
    SPCR = 1 << SPE | 1 << MSTR | 1 << SPIE;
    SPDR = 0x5A;
#elif defined(USE_TWI)
    expected = TWI_vect_num;
    TWCR = 1 << TWEN | 1 << TWIE | 1 << TWSTA | 1 << TWINT;
#endif
}

int main(void) {
    for (uint8_t n = 0; n < VECTORS; n++) {
        seen[n] = 0;
    }
    wakes = 0;
    arm();
    sleep_enable();
    for (;;) {
        sei();
        sleep_cpu();
        wakes = 1;
    }
}
