/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chip_parts.h  what the chips of our own have in common: designated initialisers for libsimavr's
 * structures, made of the register names in the chip's own header.
 *
 * A chip_*.c includes this before anything else, then its header by its full path, which
 * build_sim.py finds: as an include directory, avr-libc would hide the host's C library. The
 * macros below the headers make plain numbers of avr-libc's register names. */
#ifndef PYAVR_SIM_CHIP_PARTS_H
#define PYAVR_SIM_CHIP_PARTS_H

#include <stddef.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_eeprom.h>
#include <simavr/avr_extint.h>
#include <simavr/avr_flash.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_spi.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_twi.h>
#include <simavr/avr_uart.h>
#include <simavr/avr_watchdog.h>
#include <simavr/sim_avr.h>

#define _AVR_IO_H_
#define __ASSEMBLER__
#define _SFR_IO8(address) ((address) + 32)
#define _SFR_IO16(address) ((address) + 32)
#define _SFR_MEM8(address) (address)
#define _SFR_MEM16(address) (address)
#define _VECTOR(number) (number)
#define _BV(bit) (1 << (bit)) /* for the fuse defaults */

/* ccp.c: the watchdog of chips that open it by a signature in CCP, and have no WDCE. The reserved
 * bit 4 of WDTCSR plays WDCE for libsimavr. */
enum { WDCE_STAND_IN = 4 };
void ccp_guard_watchdog(avr_t *avr, avr_io_addr_t ccp, avr_watchdog_t *watchdog);

/* Memories, fuses and reset flags. vector_bytes: 2 up to 8 KiB of flash (RJMP), else 4 (JMP). */
#define CORE(chip_name, vector_bytes)                                                              \
    .core = {.mmcu = chip_name,                                                                    \
             .ioend = RAMSTART - 1,                                                                \
             .ramend = RAMEND,                                                                     \
             .flashend = FLASHEND,                                                                 \
             .e2end = E2END,                                                                       \
             .vector_size = vector_bytes,                                                          \
             .address_size = 2,                                                                    \
             .fuse = {LFUSE_DEFAULT, HFUSE_DEFAULT, EFUSE_DEFAULT},                                \
             .signature = {SIGNATURE_0, SIGNATURE_1, SIGNATURE_2},                                 \
             .lockbits = 0xFF,                                                                     \
             .reset_flags = {.porf = AVR_IO_REGBIT(MCUSR, PORF),                                   \
                             .extrf = AVR_IO_REGBIT(MCUSR, EXTRF),                                 \
                             .borf = AVR_IO_REGBIT(MCUSR, BORF),                                   \
                             .wdrf = AVR_IO_REGBIT(MCUSR, WDRF)},                                  \
             .init = init,                                                                         \
             .reset = reset}

/* wdce_bit: WDCE, or WDCE_STAND_IN and a call of ccp_guard_watchdog. */
#define WATCHDOG(wdce_bit)                                                                         \
    .watchdog = {.wdrf = AVR_IO_REGBIT(MCUSR, WDRF),                                               \
                 .wdce = AVR_IO_REGBIT(WDTCSR, wdce_bit),                                          \
                 .wde = AVR_IO_REGBIT(WDTCSR, WDE),                                                \
                 .wdp = {AVR_IO_REGBIT(WDTCSR, WDP0), AVR_IO_REGBIT(WDTCSR, WDP1),                 \
                         AVR_IO_REGBIT(WDTCSR, WDP2), AVR_IO_REGBIT(WDTCSR, WDP3)},                \
                 .watchdog = {.enable = AVR_IO_REGBIT(WDTCSR, WDIE),                               \
                              .raised = AVR_IO_REGBIT(WDTCSR, WDIF),                               \
                              .vector = WDT_vect}}

/* libsimavr's macros want an SPMIE, which no ATtiny has. */
#define SELFPROG(enable_bit)                                                                       \
    .selfprog = {.r_spm = SPMCSR,                                                                  \
                 .spm_pagesize = SPM_PAGESIZE,                                                     \
                 .selfprgen = AVR_IO_REGBIT(SPMCSR, enable_bit),                                   \
                 .pgers = AVR_IO_REGBIT(SPMCSR, PGERS),                                            \
                 .pgwrt = AVR_IO_REGBIT(SPMCSR, PGWRT),                                            \
                 .blbset = AVR_IO_REGBIT(SPMCSR, RFLB)}

/* A port whose pins raise pin-change interrupt `number`. */
#define PORT(letter, letter_name, number, enable_register, flag_register)                          \
    {                                                                                              \
        .name = letter_name, .r_port = PORT##letter, .r_ddr = DDR##letter, .r_pin = PIN##letter,   \
        .pcint = {.enable = AVR_IO_REGBIT(enable_register, PCIE##number),                          \
                  .raised = AVR_IO_REGBIT(flag_register, PCIF##number),                            \
                  .vector = PCINT##number##_vect},                                                 \
        .r_pcint = PCMSK##number                                                                   \
    }

/* The converter without what chips differ in: multiplexer, references, ADLAR. */
#define ADC_CONTROL                                                                                \
    .r_adcsra = ADCSRA, .aden = AVR_IO_REGBIT(ADCSRA, ADEN), .adsc = AVR_IO_REGBIT(ADCSRA, ADSC),  \
    .adate = AVR_IO_REGBIT(ADCSRA, ADATE),                                                         \
    .adps = {AVR_IO_REGBIT(ADCSRA, ADPS0), AVR_IO_REGBIT(ADCSRA, ADPS1),                           \
             AVR_IO_REGBIT(ADCSRA, ADPS2)},                                                        \
    .r_adch = ADCH, .r_adcl = ADCL, .r_adcsrb = ADCSRB,                                            \
    .adts = {AVR_IO_REGBIT(ADCSRB, ADTS0), AVR_IO_REGBIT(ADCSRB, ADTS1),                           \
             AVR_IO_REGBIT(ADCSRB, ADTS2)},                                                        \
    .adts_op = {[0] = avr_adts_free_running,         [1] = avr_adts_analog_comparator_0,           \
                [2] = avr_adts_external_interrupt_0, [3] = avr_adts_timer_0_compare_match_a,       \
                [4] = avr_adts_timer_0_overflow,     [5] = avr_adts_timer_1_compare_match_b,       \
                [6] = avr_adts_timer_1_overflow,     [7] = avr_adts_timer_1_capture_event},        \
    .adc = {.enable = AVR_IO_REGBIT(ADCSRA, ADIE),                                                 \
            .raised = AVR_IO_REGBIT(ADCSRA, ADIF),                                                 \
            .vector = ADC_vect}

/* libsimavr has the pins of channels 0 to 7. */
#define ADC_PINS                                                                                   \
    [0] = AVR_ADC_SINGLE(0), [1] = AVR_ADC_SINGLE(1), [2] = AVR_ADC_SINGLE(2),                     \
    [3] = AVR_ADC_SINGLE(3), [4] = AVR_ADC_SINGLE(4), [5] = AVR_ADC_SINGLE(5),                     \
    [6] = AVR_ADC_SINGLE(6), [7] = AVR_ADC_SINGLE(7)

/* A timer's interrupt: enable bit in TIMSK or TIMSKn, flag in TIFR or TIFRn. */
#define TIMER_INTERRUPT(mask_register, enable_bit, flag_register, flag_bit, number)                \
    {                                                                                              \
        .enable = AVR_IO_REGBIT(mask_register, enable_bit),                                        \
        .raised = AVR_IO_REGBIT(flag_register, flag_bit), .vector = number                         \
    }

/* Pins are written (PORTB, 3), with their parentheses. */
#define NO_PIN (0, 0)

/* The prescaler by CSn2:0, and the external clock. */
#define TIMER_CLOCK(n, control_register, t_pin)                                                    \
    .cs = {AVR_IO_REGBIT(control_register, CS##n##0), AVR_IO_REGBIT(control_register, CS##n##1),   \
           AVR_IO_REGBIT(control_register, CS##n##2)},                                             \
    .cs_div = {0, 0, 3, 6, 8, 10, AVR_TIMER_EXTCLK_CHOOSE, AVR_TIMER_EXTCLK_CHOOSE},               \
    .ext_clock_pin = AVR_IO_REGBIT t_pin

/* Compare unit A or B and its output. */
#define COMPARE_8(n, letter, mask_register, flag_register, pin)                                    \
    {                                                                                              \
        .r_ocr = OCR##n##letter, .com = AVR_IO_REGBITS(TCCR##n##A, COM##n##letter##0, 0x3),        \
        .com_pin = AVR_IO_REGBIT pin,                                                              \
        .interrupt = TIMER_INTERRUPT(mask_register, OCIE##n##letter, flag_register,                \
                                     OCF##n##letter, TIMER##n##_COMP##letter##_vect)               \
    }
#define COMPARE_16(n, letter, mask_register, flag_register, pin)                                   \
    {                                                                                              \
        .r_ocr = OCR##n##letter##L, .r_ocrh = OCR##n##letter##H,                                   \
        .com = AVR_IO_REGBITS(TCCR##n##A, COM##n##letter##0, 0x3), .com_pin = AVR_IO_REGBIT pin,   \
        .interrupt = TIMER_INTERRUPT(mask_register, OCIE##n##letter, flag_register,                \
                                     OCF##n##letter, TIMER##n##_COMP##letter##_vect)               \
    }

/* An 8-bit timer with WGM in TCCRnA and TCCRnB. */
#define TIMER_8(n, digit, mask_register, flag_register, t_pin, pin_a, pin_b)                       \
    {                                                                                              \
        .name = digit, .disabled = AVR_IO_REGBIT(PRR, PRTIM##n),                                   \
        .wgm = {AVR_IO_REGBIT(TCCR##n##A, WGM##n##0), AVR_IO_REGBIT(TCCR##n##A, WGM##n##1),        \
                AVR_IO_REGBIT(TCCR##n##B, WGM##n##2)},                                             \
        .wgm_op = {[0] = AVR_TIMER_WGM_NORMAL8(),                                                  \
                   [2] = AVR_TIMER_WGM_CTC(),                                                      \
                   [3] = AVR_TIMER_WGM_FASTPWM8(),                                                 \
                   [7] = AVR_TIMER_WGM_OCPWM()},                                                   \
        TIMER_CLOCK(n, TCCR##n##B, t_pin), .r_tcnt = TCNT##n,                                      \
        .overflow =                                                                                \
            TIMER_INTERRUPT(mask_register, TOIE##n, flag_register, TOV##n, TIMER##n##_OVF_vect),   \
        .comp = {                                                                                  \
            [AVR_TIMER_COMPA] = COMPARE_8(n, A, mask_register, flag_register, pin_a),              \
            [AVR_TIMER_COMPB] = COMPARE_8(n, B, mask_register, flag_register, pin_b),              \
        }                                                                                          \
    }

/* A 16-bit timer with input capture. */
#define TIMER_16(n, digit, mask_register, flag_register, t_pin, capture_pin, pin_a, pin_b)         \
    {                                                                                              \
        .name = digit, .disabled = AVR_IO_REGBIT(PRR, PRTIM##n),                                   \
        .wgm = {AVR_IO_REGBIT(TCCR##n##A, WGM##n##0), AVR_IO_REGBIT(TCCR##n##A, WGM##n##1),        \
                AVR_IO_REGBIT(TCCR##n##B, WGM##n##2), AVR_IO_REGBIT(TCCR##n##B, WGM##n##3)},       \
        .wgm_op = {[0] = AVR_TIMER_WGM_NORMAL16(),   [4] = AVR_TIMER_WGM_CTC(),                    \
                   [5] = AVR_TIMER_WGM_FASTPWM8(),   [6] = AVR_TIMER_WGM_FASTPWM9(),               \
                   [7] = AVR_TIMER_WGM_FASTPWM10(),  [8] = AVR_TIMER_WGM_ICPWM(),                  \
                   [9] = AVR_TIMER_WGM_OCPWM(),      [12] = AVR_TIMER_WGM_ICCTC(),                 \
                   [14] = AVR_TIMER_WGM_ICFASTPWM(), [15] = AVR_TIMER_WGM_OCPWM()},                \
        TIMER_CLOCK(n, TCCR##n##B, t_pin), .r_tcnt = TCNT##n##L, .r_tcnth = TCNT##n##H,            \
        .r_icr = ICR##n##L, .r_icrh = ICR##n##H, .ices = AVR_IO_REGBIT(TCCR##n##B, ICES##n),       \
        .icp = AVR_IO_REGBIT capture_pin,                                                          \
        .overflow =                                                                                \
            TIMER_INTERRUPT(mask_register, TOIE##n, flag_register, TOV##n, TIMER##n##_OVF_vect),   \
        .icr =                                                                                     \
            TIMER_INTERRUPT(mask_register, ICIE##n, flag_register, ICF##n, TIMER##n##_CAPT_vect),  \
        .comp = {                                                                                  \
            [AVR_TIMER_COMPA] = COMPARE_16(n, A, mask_register, flag_register, pin_a),             \
            [AVR_TIMER_COMPB] = COMPARE_16(n, B, mask_register, flag_register, pin_b),             \
        }                                                                                          \
    }

/* An SPI with one set of registers. */
#define SPI(interrupt_vector)                                                                      \
    {                                                                                              \
        .disabled = AVR_IO_REGBIT(PRR, PRSPI), .r_spdr = SPDR, .r_spcr = SPCR, .r_spsr = SPSR,     \
        .spe = AVR_IO_REGBIT(SPCR, SPE), .mstr = AVR_IO_REGBIT(SPCR, MSTR),                        \
        .spr = {AVR_IO_REGBIT(SPCR, SPR0), AVR_IO_REGBIT(SPCR, SPR1), AVR_IO_REGBIT(SPSR, SPI2X)}, \
        .spi = {                                                                                   \
            .enable = AVR_IO_REGBIT(SPCR, SPIE),                                                   \
            .raised = AVR_IO_REGBIT(SPSR, SPIF),                                                   \
            .vector = interrupt_vector                                                             \
        }                                                                                          \
    }

/* The TWI of the ATmegas. */
#define TWI                                                                                        \
    {                                                                                              \
        .disabled = AVR_IO_REGBIT(PRR, PRTWI), .r_twcr = TWCR, .r_twsr = TWSR, .r_twbr = TWBR,     \
        .r_twdr = TWDR, .r_twar = TWAR, .r_twamr = TWAMR, .twen = AVR_IO_REGBIT(TWCR, TWEN),       \
        .twea = AVR_IO_REGBIT(TWCR, TWEA), .twsta = AVR_IO_REGBIT(TWCR, TWSTA),                    \
        .twsto = AVR_IO_REGBIT(TWCR, TWSTO), .twwc = AVR_IO_REGBIT(TWCR, TWWC),                    \
        .twsr = AVR_IO_REGBITS(TWSR, TWS3, 0x1F), .twps = AVR_IO_REGBITS(TWSR, TWPS0, 0x3),        \
        .twi = {                                                                                   \
            .enable = AVR_IO_REGBIT(TWCR, TWIE),                                                   \
            .raised = AVR_IO_REGBIT(TWCR, TWINT),                                                  \
            .raise_sticky = 1,                                                                     \
            .vector = TWI_vect                                                                     \
        }                                                                                          \
    }

#endif
