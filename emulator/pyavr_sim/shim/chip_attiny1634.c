/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chip_attiny1634.c  the ATtiny1634, which libsimavr 1.6 lacks.
 *
 * Source: Atmel ATtiny1634 datasheet (8303), chapters "I/O Ports" (alternate functions),
 * "Analog to Digital Converter" (table of MUX), "Watchdog Timer"; register addresses from
 * avr-libc's iotn1634.h. Left out: USI, TWI slave, analog comparator, PUEx (libsimavr takes PORTx
 * of an input as its pull-up), ADC channels 8-11. */
#include <stddef.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_eeprom.h>
#include <simavr/avr_extint.h>
#include <simavr/avr_flash.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_uart.h>
#include <simavr/avr_watchdog.h>
#include <simavr/sim_avr.h>

/* clang-format off: the order matters */
#include "core_declare.h"
#include IOTN1634_HEADER
/* clang-format on */

/* The chip has no WDCE; its watchdog opens by CCP. The reserved bit 4 of WDTCSR plays WDCE. */
enum { WDCE_STAND_IN = 4, CCP_SIGNATURE = 0xD8, CCP_OPEN_CYCLES = 4 };

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

static avr_cycle_count_t ccp_close(avr_t *avr, avr_cycle_count_t when, void *param) {
    (void)when;
    (void)param;
    avr->data[WDTCSR] &= (uint8_t) ~(1 << WDCE_STAND_IN);
    return 0;
}

static void ccp_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param) {
    (void)addr;
    (void)param;
    if (value == CCP_SIGNATURE) {
        avr->data[WDTCSR] |= 1 << WDCE_STAND_IN;
        avr_cycle_timer_register(avr, CCP_OPEN_CYCLES, ccp_close, NULL);
    }
}

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
    avr_register_io_write(avr, CCP, ccp_write, NULL);
}

static void reset(avr_t *avr) {
    (void)avr;
}

/* A timer's interrupt: enable bit in TIMSK, flag in TIFR. */
#define TIMER_INTERRUPT(enable_bit, flag_bit, number)                                              \
    {                                                                                              \
        .enable = AVR_IO_REGBIT(TIMSK, enable_bit), .raised = AVR_IO_REGBIT(TIFR, flag_bit),       \
        .vector = number                                                                           \
    }

#define PORT(letter, letter_name, number)                                                          \
    {                                                                                              \
        .name = letter_name, .r_port = PORT##letter, .r_ddr = DDR##letter, .r_pin = PIN##letter,   \
        .pcint = {.enable = AVR_IO_REGBIT(GIMSK, PCIE##number),                                    \
                  .raised = AVR_IO_REGBIT(GIFR, PCIF##number),                                     \
                  .vector = PCINT##number##_vect},                                                 \
        .r_pcint = PCMSK##number                                                                   \
    }

static const attiny1634 defaults = {
    .core = {.mmcu = "attiny1634",
             .ioend = RAMSTART - 1,
             .ramend = RAMEND,
             .flashend = FLASHEND,
             .e2end = E2END,
             .vector_size = 4,
             .address_size = 2,
             .fuse = {LFUSE_DEFAULT, HFUSE_DEFAULT, EFUSE_DEFAULT},
             .signature = {SIGNATURE_0, SIGNATURE_1, SIGNATURE_2},
             .lockbits = 0xFF,
             .reset_flags = {.porf = AVR_IO_REGBIT(MCUSR, PORF),
                             .extrf = AVR_IO_REGBIT(MCUSR, EXTRF),
                             .borf = AVR_IO_REGBIT(MCUSR, BORF),
                             .wdrf = AVR_IO_REGBIT(MCUSR, WDRF)},
             .init = init,
             .reset = reset},
    AVR_EEPROM_DECLARE(EE_RDY_vect),
    .watchdog = {.wdrf = AVR_IO_REGBIT(MCUSR, WDRF),
                 .wdce = AVR_IO_REGBIT(WDTCSR, WDCE_STAND_IN),
                 .wde = AVR_IO_REGBIT(WDTCSR, WDE),
                 .wdp = {AVR_IO_REGBIT(WDTCSR, WDP0), AVR_IO_REGBIT(WDTCSR, WDP1),
                         AVR_IO_REGBIT(WDTCSR, WDP2), AVR_IO_REGBIT(WDTCSR, WDP3)},
                 .watchdog = {.enable = AVR_IO_REGBIT(WDTCSR, WDIE),
                              .raised = AVR_IO_REGBIT(WDTCSR, WDIF),
                              .vector = WDT_vect}},
    .selfprog = {.r_spm = SPMCSR,
                 .spm_pagesize = SPM_PAGESIZE,
                 .selfprgen = AVR_IO_REGBIT(SPMCSR, SPMEN),
                 .pgers = AVR_IO_REGBIT(SPMCSR, PGERS),
                 .pgwrt = AVR_IO_REGBIT(SPMCSR, PGWRT),
                 .blbset = AVR_IO_REGBIT(SPMCSR, RFLB)},
    .extint = {AVR_EXTINT_TINY_DECLARE(0, 'C', 2, GIFR)},
    .porta = PORT(A, 'A', 0),
    .portb = PORT(B, 'B', 1),
    .portc = PORT(C, 'C', 2),
    .adc = {.r_admux = ADMUX,
            .mux = {AVR_IO_REGBIT(ADMUX, MUX0), AVR_IO_REGBIT(ADMUX, MUX1),
                    AVR_IO_REGBIT(ADMUX, MUX2), AVR_IO_REGBIT(ADMUX, MUX3)},
            .ref = {AVR_IO_REGBIT(ADMUX, REFS0), AVR_IO_REGBIT(ADMUX, REFS1)},
            .ref_values = {[0] = ADC_VREF_VCC, [1] = ADC_VREF_AREF, [2] = ADC_VREF_V110},
            .adlar = AVR_IO_REGBIT(ADCSRB, ADLAR),
            .r_adcsra = ADCSRA,
            .aden = AVR_IO_REGBIT(ADCSRA, ADEN),
            .adsc = AVR_IO_REGBIT(ADCSRA, ADSC),
            .adate = AVR_IO_REGBIT(ADCSRA, ADATE),
            .adps = {AVR_IO_REGBIT(ADCSRA, ADPS0), AVR_IO_REGBIT(ADCSRA, ADPS1),
                     AVR_IO_REGBIT(ADCSRA, ADPS2)},
            .r_adch = ADCH,
            .r_adcl = ADCL,
            .r_adcsrb = ADCSRB,
            .adts = {AVR_IO_REGBIT(ADCSRB, ADTS0), AVR_IO_REGBIT(ADCSRB, ADTS1),
                     AVR_IO_REGBIT(ADCSRB, ADTS2)},
            .adts_op = {[0] = avr_adts_free_running,
                        [1] = avr_adts_analog_comparator_0,
                        [2] = avr_adts_external_interrupt_0,
                        [3] = avr_adts_timer_0_compare_match_a,
                        [4] = avr_adts_timer_0_overflow,
                        [5] = avr_adts_timer_1_compare_match_b,
                        [6] = avr_adts_timer_1_overflow,
                        [7] = avr_adts_timer_1_capture_event},
            .muxmode = {[0] = AVR_ADC_SINGLE(0),
                        [1] = AVR_ADC_SINGLE(1),
                        [2] = AVR_ADC_SINGLE(2),
                        [3] = AVR_ADC_SINGLE(3),
                        [4] = AVR_ADC_SINGLE(4),
                        [5] = AVR_ADC_SINGLE(5),
                        [6] = AVR_ADC_SINGLE(6),
                        [7] = AVR_ADC_SINGLE(7),
                        [12] = AVR_ADC_REF(0),
                        [13] = AVR_ADC_REF(1100),
                        [14] = AVR_ADC_TEMP()},
            .adc = {.enable = AVR_IO_REGBIT(ADCSRA, ADIE),
                    .raised = AVR_IO_REGBIT(ADCSRA, ADIF),
                    .vector = ADC_vect}},
    .timer0 = {.name = '0',
               .disabled = AVR_IO_REGBIT(PRR, PRTIM0),
               .wgm = {AVR_IO_REGBIT(TCCR0A, WGM00), AVR_IO_REGBIT(TCCR0A, WGM01),
                       AVR_IO_REGBIT(TCCR0B, WGM02)},
               .wgm_op = {[0] = AVR_TIMER_WGM_NORMAL8(),
                          [2] = AVR_TIMER_WGM_CTC(),
                          [3] = AVR_TIMER_WGM_FASTPWM8(),
                          [7] = AVR_TIMER_WGM_OCPWM()},
               .cs = {AVR_IO_REGBIT(TCCR0B, CS00), AVR_IO_REGBIT(TCCR0B, CS01),
                      AVR_IO_REGBIT(TCCR0B, CS02)},
               .cs_div = {0, 0, 3, 6, 8, 10, AVR_TIMER_EXTCLK_CHOOSE, AVR_TIMER_EXTCLK_CHOOSE},
               .ext_clock_pin = AVR_IO_REGBIT(PORTA, 4),
               .r_tcnt = TCNT0,
               .overflow = TIMER_INTERRUPT(TOIE0, TOV0, TIMER0_OVF_vect),
               .comp = {[AVR_TIMER_COMPA] = {.r_ocr = OCR0A,
                                             .com = AVR_IO_REGBITS(TCCR0A, COM0A0, 0x3),
                                             .com_pin = AVR_IO_REGBIT(PORTC, 0),
                                             .interrupt =
                                                 TIMER_INTERRUPT(OCIE0A, OCF0A, TIMER0_COMPA_vect)},
                        [AVR_TIMER_COMPB] = {.r_ocr = OCR0B,
                                             .com = AVR_IO_REGBITS(TCCR0A, COM0B0, 0x3),
                                             .com_pin = AVR_IO_REGBIT(PORTA, 5),
                                             .interrupt = TIMER_INTERRUPT(OCIE0B, OCF0B,
                                                                          TIMER0_COMPB_vect)}}},
    .timer1 = {.name = '1',
               .disabled = AVR_IO_REGBIT(PRR, PRTIM1),
               .wgm = {AVR_IO_REGBIT(TCCR1A, WGM10), AVR_IO_REGBIT(TCCR1A, WGM11),
                       AVR_IO_REGBIT(TCCR1B, WGM12), AVR_IO_REGBIT(TCCR1B, WGM13)},
               .wgm_op = {[0] = AVR_TIMER_WGM_NORMAL16(),
                          [4] = AVR_TIMER_WGM_CTC(),
                          [5] = AVR_TIMER_WGM_FASTPWM8(),
                          [6] = AVR_TIMER_WGM_FASTPWM9(),
                          [7] = AVR_TIMER_WGM_FASTPWM10(),
                          [8] = AVR_TIMER_WGM_ICPWM(),
                          [9] = AVR_TIMER_WGM_OCPWM(),
                          [12] = AVR_TIMER_WGM_ICCTC(),
                          [14] = AVR_TIMER_WGM_ICFASTPWM(),
                          [15] = AVR_TIMER_WGM_OCPWM()},
               .cs = {AVR_IO_REGBIT(TCCR1B, CS10), AVR_IO_REGBIT(TCCR1B, CS11),
                      AVR_IO_REGBIT(TCCR1B, CS12)},
               .cs_div = {0, 0, 3, 6, 8, 10, AVR_TIMER_EXTCLK_CHOOSE, AVR_TIMER_EXTCLK_CHOOSE},
               .ext_clock_pin = AVR_IO_REGBIT(PORTA, 3),
               .r_tcnt = TCNT1L,
               .r_tcnth = TCNT1H,
               .r_icr = ICR1L,
               .r_icrh = ICR1H,
               .ices = AVR_IO_REGBIT(TCCR1B, ICES1),
               .icp = AVR_IO_REGBIT(PORTC, 1),
               .overflow = TIMER_INTERRUPT(TOIE1, TOV1, TIMER1_OVF_vect),
               .icr = TIMER_INTERRUPT(ICIE1, ICF1, TIMER1_CAPT_vect),
               .comp = {[AVR_TIMER_COMPA] = {.r_ocr = OCR1AL,
                                             .r_ocrh = OCR1AH,
                                             .com = AVR_IO_REGBITS(TCCR1A, COM1A0, 0x3),
                                             .com_pin = AVR_IO_REGBIT(PORTB, 3),
                                             .interrupt =
                                                 TIMER_INTERRUPT(OCIE1A, OCF1A, TIMER1_COMPA_vect)},
                        [AVR_TIMER_COMPB] = {.r_ocr = OCR1BL,
                                             .r_ocrh = OCR1BH,
                                             .com = AVR_IO_REGBITS(TCCR1A, COM1B0, 0x3),
                                             .com_pin = AVR_IO_REGBIT(PORTA, 6),
                                             .interrupt = TIMER_INTERRUPT(OCIE1B, OCF1B,
                                                                          TIMER1_COMPB_vect)}}},
    AVR_UARTX_DECLARE(0, PRR, PRUSART0),
    AVR_UARTX_DECLARE(1, PRR, PRUSART1),
};

static avr_t *make(void) {
    return avr_core_allocate(&defaults.core, sizeof defaults);
}

avr_kind_t chip_attiny1634 = {.names = {"attiny1634"}, .make = make};
