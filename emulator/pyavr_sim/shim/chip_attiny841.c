/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chip_attiny841.c  the ATtiny841, which libsimavr 1.6 lacks.
 *
 * Source: Atmel ATtiny441/841 datasheet (8495), chapters "I/O Ports" (alternate functions),
 * "Analog to Digital Converter" (tables of MUX and REFS), "Watchdog Timer"; register addresses
 * from avr-libc's iotn841.h. Left out: TWI slave, analog comparators, the USARTs'
 * start-of-frame interrupt, PUEx (libsimavr takes PORTx
 * of an input as its pull-up), the output multiplexer TOCPM (no compare unit has a pin), ADC
 * channels 8-11, differential ones and REFS 7. */
/* clang-format off: the order matters */
#include "chip_parts.h"
#include IOTN841_HEADER
/* clang-format on */

typedef struct {
    avr_t core;
    avr_eeprom_t eeprom;
    avr_watchdog_t watchdog;
    avr_flash_t selfprog;
    avr_extint_t extint;
    avr_ioport_t porta, portb;
    avr_adc_t adc;
    avr_timer_t timer0, timer1, timer2;
    avr_uart_t uart0, uart1;
    avr_spi_t spi;
} attiny841;

static void init(avr_t *avr) {
    attiny841 *chip = (attiny841 *)avr;
    avr_eeprom_init(avr, &chip->eeprom);
    avr_flash_init(avr, &chip->selfprog);
    avr_watchdog_init(avr, &chip->watchdog);
    avr_extint_init(avr, &chip->extint);
    avr_ioport_init(avr, &chip->porta);
    avr_ioport_init(avr, &chip->portb);
    avr_adc_init(avr, &chip->adc);
    avr_timer_init(avr, &chip->timer0);
    avr_timer_init(avr, &chip->timer1);
    avr_timer_init(avr, &chip->timer2);
    avr_uart_init(avr, &chip->uart0);
    avr_uart_init(avr, &chip->uart1);
    avr_spi_init(avr, &chip->spi);
    ccp_guard_watchdog(avr, CCP, &chip->watchdog);
}

static void reset(avr_t *avr) {
    (void)avr;
}

static const attiny841 defaults = {
    CORE("attiny841", 2),
    AVR_EEPROM_DECLARE(EE_RDY_vect),
    WATCHDOG(WDCE_STAND_IN),
    SELFPROG(SPMEN),
    .extint = {AVR_EXTINT_TINY_DECLARE(0, 'B', 2, GIFR)},
    .porta = PORT(A, 'A', 0, GIMSK, GIFR),
    .portb = PORT(B, 'B', 1, GIMSK, GIFR),
    .adc = {ADC_CONTROL, .r_admux = ADMUXA,
            .mux = {AVR_IO_REGBIT(ADMUXA, MUX0), AVR_IO_REGBIT(ADMUXA, MUX1),
                    AVR_IO_REGBIT(ADMUXA, MUX2), AVR_IO_REGBIT(ADMUXA, MUX3),
                    AVR_IO_REGBIT(ADMUXA, MUX4), AVR_IO_REGBIT(ADMUXA, MUX5)},
            .ref = {AVR_IO_REGBIT(ADMUXB, REFS0), AVR_IO_REGBIT(ADMUXB, REFS1),
                    AVR_IO_REGBIT(ADMUXB, REFS2)},
            .ref_values = {[0] = ADC_VREF_VCC,
                           [1] = ADC_VREF_V110,
                           [2] = 2200,
                           [3] = 4096,
                           [4] = ADC_VREF_AREF,
                           [5] = ADC_VREF_V110,
                           [6] = 2200},
            .adlar = AVR_IO_REGBIT(ADCSRB, ADLAR),
            .muxmode =
                {ADC_PINS, [12] = AVR_ADC_TEMP(), [13] = AVR_ADC_REF(1100), [14] = AVR_ADC_REF(0)}},
    .timer0 = TIMER_8(0, '0', TIMSK0, TIFR0, (PORTA, 3), NO_PIN, NO_PIN),
    .timer1 = TIMER_16(1, '1', TIMSK1, TIFR1, (PORTA, 4), (PORTA, 7), NO_PIN, NO_PIN),
    .timer2 = TIMER_16(2, '2', TIMSK2, TIFR2, (PORTA, 5), (PORTB, 2), NO_PIN, NO_PIN),
    AVR_UARTX_DECLARE(0, PRR, PRUSART0),
    AVR_UARTX_DECLARE(1, PRR, PRUSART1),
    .spi = SPI(SPI_vect),
};

static avr_t *make(void) {
    return avr_core_allocate(&defaults.core, sizeof defaults);
}

avr_kind_t chip_attiny841 = {.names = {"attiny841"}, .make = make};
