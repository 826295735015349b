/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chip_attiny88.c  the ATtiny88, which libsimavr 1.6 lacks: an ATmega88 without MUL and USART.
 *
 * Source: Atmel ATtiny48/88 datasheet (8008), chapters "I/O-Ports" (alternate functions),
 * "8-bit Timer/Counter0" (it has no outputs and no PWM), "Analog to Digital Converter" (tables of
 * MUX and REFS); register addresses from avr-libc's iotn88.h. Left out: analog comparator, the
 * pull-up and break bits of PORTCR, TWIHS. */
/* clang-format off: the order matters */
#include "chip_parts.h"
#include IOTN88_HEADER
/* clang-format on */

#define EEAR EEARL /* 64 bytes need no high address byte */

typedef struct {
    avr_t core;
    avr_eeprom_t eeprom;
    avr_watchdog_t watchdog;
    avr_flash_t selfprog;
    avr_extint_t extint;
    avr_ioport_t porta, portb, portc, portd;
    avr_adc_t adc;
    avr_timer_t timer0, timer1;
    avr_spi_t spi;
    avr_twi_t twi;
} attiny88;

static void init(avr_t *avr) {
    attiny88 *chip = (attiny88 *)avr;
    avr_eeprom_init(avr, &chip->eeprom);
    avr_flash_init(avr, &chip->selfprog);
    avr_watchdog_init(avr, &chip->watchdog);
    avr_extint_init(avr, &chip->extint);
    avr_ioport_init(avr, &chip->porta);
    avr_ioport_init(avr, &chip->portb);
    avr_ioport_init(avr, &chip->portc);
    avr_ioport_init(avr, &chip->portd);
    avr_adc_init(avr, &chip->adc);
    avr_timer_init(avr, &chip->timer0);
    avr_timer_init(avr, &chip->timer1);
    avr_spi_init(avr, &chip->spi);
    avr_twi_init(avr, &chip->twi);
}

static void reset(avr_t *avr) {
    (void)avr;
}

#define COMPARE_0(letter)                                                                          \
    {                                                                                              \
        .r_ocr = OCR0##letter,                                                                     \
        .interrupt = TIMER_INTERRUPT(TIMSK0, OCIE0##letter, TIFR0, OCF0##letter,                   \
                                     TIMER0_COMP##letter##_vect)                                   \
    }

static const attiny88 defaults = {
    CORE("attiny88", 2),
    AVR_EEPROM_DECLARE_8BIT(EE_READY_vect),
    WATCHDOG(WDCE),
    SELFPROG(SELFPRGEN),
    .extint = {AVR_EXTINT_DECLARE(0, 'D', 2), AVR_EXTINT_DECLARE(1, 'D', 3)},
    .porta = PORT(A, 'A', 3, PCICR, PCIFR),
    .portb = PORT(B, 'B', 0, PCICR, PCIFR),
    .portc = PORT(C, 'C', 1, PCICR, PCIFR),
    .portd = PORT(D, 'D', 2, PCICR, PCIFR),
    .adc = {ADC_CONTROL, .r_admux = ADMUX,
            .mux = {AVR_IO_REGBIT(ADMUX, MUX0), AVR_IO_REGBIT(ADMUX, MUX1),
                    AVR_IO_REGBIT(ADMUX, MUX2), AVR_IO_REGBIT(ADMUX, MUX3)},
            .ref = {AVR_IO_REGBIT(ADMUX, REFS0)},
            .ref_values = {[0] = ADC_VREF_V110, [1] = ADC_VREF_AVCC},
            .adlar = AVR_IO_REGBIT(ADMUX, ADLAR),
            .muxmode =
                {ADC_PINS, [8] = AVR_ADC_TEMP(), [14] = AVR_ADC_REF(1100), [15] = AVR_ADC_REF(0)}},
    .timer0 = {.name = '0',
               .disabled = AVR_IO_REGBIT(PRR, PRTIM0),
               .wgm = {AVR_IO_REGBIT(TCCR0A, CTC0)},
               .wgm_op = {[0] = AVR_TIMER_WGM_NORMAL8(), [1] = AVR_TIMER_WGM_CTC()},
               TIMER_CLOCK(0, TCCR0A, (PORTD, 4)),
               .r_tcnt = TCNT0,
               .overflow = TIMER_INTERRUPT(TIMSK0, TOIE0, TIFR0, TOV0, TIMER0_OVF_vect),
               .comp = {[AVR_TIMER_COMPA] = COMPARE_0(A), [AVR_TIMER_COMPB] = COMPARE_0(B)}},
    .timer1 = TIMER_16(1, '1', TIMSK1, TIFR1, (PORTD, 5), (PORTB, 0), (PORTB, 1), (PORTB, 2)),
    .spi = SPI(SPI_STC_vect),
    .twi = TWI,
};

static avr_t *make(void) {
    return avr_core_allocate(&defaults.core, sizeof defaults);
}

avr_kind_t chip_attiny88 = {.names = {"attiny88"}, .make = make};
