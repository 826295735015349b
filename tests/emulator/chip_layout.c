/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chip_layout.c  prints what a chip's definition tells libsimavr, a line a fact:
 *
 *   number NAME VALUE
 *   register MODULE FIELD ADDRESS
 *   bits MODULE FIELD ADDRESS BIT MASK
 *   vector MODULE FIELD NUMBER
 *
 * MODULE is libsimavr's kind and name, such as timer0 or portA. Absent ones are left out. */
#include "engine.h"

#include <stdio.h>
#include <string.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_extint.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_spi.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_twi.h>
#include <simavr/avr_watchdog.h>

static char module[16];

static void number(const char *name, unsigned value) {
    printf("number %s %u\n", name, value);
}

static void place(const char *field, avr_io_addr_t address) {
    if (address) {
        printf("register %s %s %u\n", module, field, address);
    }
}

static void bits(const char *field, avr_regbit_t at) {
    if (at.reg) {
        printf("bits %s %s %u %u %u\n", module, field, at.reg, at.bit, at.mask);
    }
}

static void several(const char *field, const avr_regbit_t *at, int count) {
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s%d", field, i);
        bits(name, at[i]);
    }
}

static void interrupt(const char *field, const avr_int_vector_t *vector) {
    if (vector->vector) {
        char name[48];
        printf("vector %s %s %u\n", module, field, vector->vector);
        snprintf(name, sizeof name, "%s.enable", field);
        bits(name, vector->enable);
        snprintf(name, sizeof name, "%s.raised", field);
        bits(name, vector->raised);
    }
}

static void call_it(const char *kind, char name) {
    snprintf(module, sizeof module, name ? "%s%c" : "%s", kind, name);
}

#define REGISTER(field) place(#field, p->r_##field)
#define BITS(field) bits(#field, p->field)
#define SEVERAL(field) several(#field, p->field, (int)(sizeof p->field / sizeof *p->field))
#define INTERRUPT(field) interrupt(#field, &p->field)

static void show_eeprom(const avr_eeprom_t *p) {
    number("eeprom_bytes", p->size);
    REGISTER(eearh), REGISTER(eearl), REGISTER(eedr), REGISTER(eecr);
    SEVERAL(eepm), BITS(eempe), BITS(eepe), BITS(eere), INTERRUPT(ready);
}

static void show_flash(const avr_flash_t *p) {
    number("spm_pagesize", p->spm_pagesize);
    REGISTER(spm), BITS(selfprgen), BITS(pgers), BITS(pgwrt), BITS(blbset), INTERRUPT(flash);
}

static void show_watchdog(const avr_watchdog_t *p) {
    BITS(wdrf), BITS(wdce), BITS(wde), SEVERAL(wdp), INTERRUPT(watchdog);
}

static void show_extint(const avr_extint_t *p) {
    for (int i = 0; i < EXTINT_COUNT; i++) {
        const char n = (char)('0' + i);
        call_it("int", n);
        interrupt("int", &p->eint[i].vector);
        if (p->eint[i].vector.vector) {
            several("isc", p->eint[i].isc, 2);
        }
    }
}

static void show_port(const avr_ioport_t *p) {
    call_it("port", p->name);
    REGISTER(port), REGISTER(ddr), REGISTER(pin), REGISTER(pcint), INTERRUPT(pcint);
}

static void show_adc(const avr_adc_t *p) {
    REGISTER(admux), REGISTER(adcsra), REGISTER(adcsrb), REGISTER(adcl), REGISTER(adch);
    SEVERAL(mux), SEVERAL(ref), BITS(adlar), BITS(aden), BITS(adsc), BITS(adate);
    SEVERAL(adps), SEVERAL(adts), INTERRUPT(adc);
}

static void show_timer(const avr_timer_t *p) {
    call_it("timer", p->name);
    REGISTER(tcnt), REGISTER(tcnth), REGISTER(icr), REGISTER(icrh);
    BITS(disabled), SEVERAL(wgm), SEVERAL(cs), BITS(ices), INTERRUPT(overflow), INTERRUPT(icr);
    for (int i = 0; i < 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "ocr%c", "ab"[i]);
        place(name, p->comp[i].r_ocr);
        snprintf(name, sizeof name, "ocr%ch", "ab"[i]);
        place(name, p->comp[i].r_ocrh);
        snprintf(name, sizeof name, "com%c", "ab"[i]);
        bits(name, p->comp[i].com);
        snprintf(name, sizeof name, "comp%c", "ab"[i]);
        interrupt(name, &p->comp[i].interrupt);
    }
}

static void show_uart(const avr_uart_t *p) {
    call_it("uart", p->name);
    REGISTER(udr), REGISTER(ucsra), REGISTER(ucsrb), REGISTER(ucsrc);
    place("ubrrl", p->ubrrl.reg), place("ubrrh", p->ubrrh.reg);
    BITS(disabled), BITS(rxen), BITS(txen), BITS(u2x), BITS(ucsz), BITS(ucsz2), BITS(rxb8);
    BITS(usbs), BITS(fe), BITS(dor), BITS(upe);
    INTERRUPT(rxc), INTERRUPT(txc), INTERRUPT(udrc);
}

static void show_spi(const avr_spi_t *p) {
    REGISTER(spdr), REGISTER(spcr), REGISTER(spsr);
    BITS(disabled), BITS(spe), BITS(mstr), SEVERAL(spr), INTERRUPT(spi);
}

static void show_twi(const avr_twi_t *p) {
    REGISTER(twcr), REGISTER(twsr), REGISTER(twbr), REGISTER(twdr), REGISTER(twar), REGISTER(twamr);
    BITS(disabled), BITS(twen), BITS(twea), BITS(twsta), BITS(twsto), BITS(twwc), BITS(twsr);
    BITS(twps), INTERRUPT(twi);
}

#define SHOW(kind_name, show)                                                                      \
    if (strcmp(io->kind, kind_name) == 0)                                                          \
    show((const void *)io)

static void show_core(const avr_t *p) {
    call_it("core", 0);
    number("ramend", p->ramend), number("flashend", p->flashend), number("e2end", p->e2end);
    number("ioend", p->ioend), number("vector_size", p->vector_size);
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "signature%d", i);
        number(name, p->signature[i]);
    }
    bits("porf", p->reset_flags.porf), bits("extrf", p->reset_flags.extrf);
    bits("borf", p->reset_flags.borf), bits("wdrf", p->reset_flags.wdrf);
}

int main(int argc, char **argv) {
    sim_result result;
    avr_t *const avr = argc == 2 ? chip_make(argv[1], &result) : NULL;
    if (!avr) {
        return 1;
    }
    avr_init(avr);
    show_core(avr);
    for (const avr_io_t *io = avr->io_port; io; io = io->next) {
        call_it(io->kind, 0);
        SHOW("eeprom", show_eeprom);
        SHOW("flash", show_flash);
        SHOW("watchdog", show_watchdog);
        SHOW("extint", show_extint);
        SHOW("port", show_port);
        SHOW("adc", show_adc);
        SHOW("timer", show_timer);
        SHOW("uart", show_uart);
        SHOW("spi", show_spi);
        SHOW("twi", show_twi);
    }
    return 0;
}
