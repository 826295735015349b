/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chip_attiny1634.c  the ATtiny1634, which libsimavr 1.6 lacks.
 *
 * Source: Atmel ATtiny1634 datasheet (8303), chapters "I/O Ports" (alternate functions),
 * "Analog to Digital Converter" (table of MUX), "Watchdog Timer"; register addresses from
 * avr-libc's iotn1634.h. Left out: USI, TWI slave, analog comparator, touch, the
 * USARTs' start-of-frame interrupt, PUEx (libsimavr takes PORTx
 * of an input as its pull-up), ADC channels 8-11. */
/* clang-format off: the order matters */
#include "chip_parts.h"
#include IOTN1634_HEADER
/* clang-format on */

typedef struct {
    avr_t core;
    avr_eeprom_t eeprom;
    avr_watchdog_t watchdog;
    avr_flash_t selfprog;
    avr_extint_t extint;
    avr_ioport_t porta, portb, portc;
    avr_adc_t adc;
    avr_timer_t timer0, timer1;
    avr_uart_t uart0, uart1;
} attiny1634;

static void init(avr_t *avr) {
    attiny1634 *chip = (attiny1634 *)avr;
    avr_eeprom_init(avr, &chip->eeprom);
    avr_flash_init(avr, &chip->selfprog);
    avr_watchdog_init(avr, &chip->watchdog);
    avr_extint_init(avr, &chip->extint);
    avr_ioport_init(avr, &chip->porta);
    avr_ioport_init(avr, &chip->portb);
    avr_ioport_init(avr, &chip->portc);
    avr_adc_init(avr, &chip->adc);
    avr_timer_init(avr, &chip->timer0);
    avr_timer_init(avr, &chip->timer1);
    avr_uart_init(avr, &chip->uart0);
    avr_uart_init(avr, &chip->uart1);
    ccp_guard_watchdog(avr, CCP, &chip->watchdog);
}

static void reset(avr_t *avr) {
    (void)avr;
}

static const attiny1634 defaults = {
    CORE("attiny1634", 4),
    AVR_EEPROM_DECLARE(EE_RDY_vect),
    WATCHDOG(WDCE_STAND_IN),
    SELFPROG(SPMEN),
    .extint = {AVR_EXTINT_TINY_DECLARE(0, 'C', 2, GIFR)},
    .porta = PORT(A, 'A', 0, GIMSK, GIFR),
    .portb = PORT(B, 'B', 1, GIMSK, GIFR),
    .portc = PORT(C, 'C', 2, GIMSK, GIFR),
    .adc = {ADC_CONTROL, .r_admux = ADMUX,
            .mux = {AVR_IO_REGBIT(ADMUX, MUX0), AVR_IO_REGBIT(ADMUX, MUX1),
                    AVR_IO_REGBIT(ADMUX, MUX2), AVR_IO_REGBIT(ADMUX, MUX3)},
            .ref = {AVR_IO_REGBIT(ADMUX, REFS0), AVR_IO_REGBIT(ADMUX, REFS1)},
            .ref_values = {[0] = ADC_VREF_VCC, [1] = ADC_VREF_AREF, [2] = ADC_VREF_V110},
            .adlar = AVR_IO_REGBIT(ADCSRB, ADLAR),
            .muxmode =
                {ADC_PINS, [12] = AVR_ADC_REF(0), [13] = AVR_ADC_REF(1100), [14] = AVR_ADC_TEMP()}},
    .timer0 = TIMER_8(0, '0', TIMSK, TIFR, (PORTA, 4), (PORTC, 0), (PORTA, 5)),
    .timer1 = TIMER_16(1, '1', TIMSK, TIFR, (PORTA, 3), (PORTC, 1), (PORTB, 3), (PORTA, 6)),
    AVR_UARTX_DECLARE(0, PRR, PRUSART0),
    AVR_UARTX_DECLARE(1, PRR, PRUSART1),
};

static avr_t *make(void) {
    return avr_core_allocate(&defaults.core, sizeof defaults);
}

avr_kind_t chip_attiny1634 = {.names = {"attiny1634"}, .make = make};
