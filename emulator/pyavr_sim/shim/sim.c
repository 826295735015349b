/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim.c  birth, reset and death of a chip, and its plain state. */
#include "engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_eeprom.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_watchdog.h>
#include <simavr/sim_core.h>
#include <simavr/sim_core_config.h>

/* libsimavr has one logger for all chips and threads; avr->custom.data leads to the right one. */
static void keep_message(avr_t *avr, const int level, const char *format, va_list arguments) {
    sim *s = avr ? avr->custom.data : NULL;
    if (s && level <= LOG_WARNING && level != LOG_OUTPUT) {
        vsnprintf(s->message, sizeof s->message, format, arguments);
    }
}

static void silence_libsimavr(void) {
    avr_global_logger_set(keep_message);
}

/* Sleeping costs emulated cycles, not time. */
static void sleep_not(avr_t *avr, avr_cycle_count_t cycles) {
    (void)avr;
    (void)cycles;
}

/* splitmix64, S. Vigna, public domain (prng.di.unimi.it). */
uint8_t power_up_byte(uint64_t seed, uint32_t index) {
    uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint8_t)(z ^ (z >> 31));
}

static void fill_memory(sim *s) {
    for (unsigned r = 0; r < 32; r++) {
        s->avr->data[r] = power_up_byte(s->seed, r);
    }
    for (uint32_t address = s->ram_start; address <= s->ram_end; address++) {
        s->avr->data[address] = power_up_byte(s->seed, 32 + address - s->ram_start);
    }
}

int was_written_from_outside(const sim *s, uint16_t address) {
    return s->avr->data[address] != power_up_byte(s->seed, 32u + address - s->ram_start);
}

/* Give block room for more bytes, filled with fill; 0 when there is no memory. */
static int extend(uint8_t **block, size_t from, size_t to, int fill) {
    uint8_t *larger = realloc(*block, to);
    if (!larger) {
        return 0;
    }
    memset(larger + from, fill, to - from);
    *block = larger;
    return 1;
}

static int has_room(sim *s) {
    avr_t *avr = s->avr;
    s->program = calloc(s->words + 2, sizeof *s->program);
    s->watched = calloc(s->words + 2, 1);
    s->attribute = calloc(SIM_DATA_BYTES, 1);
    s->touched = calloc(SIM_DATA_BYTES, 1);
    s->breakpoints = calloc(s->words + 2, 1);
    s->watched_bytes = calloc(SIM_DATA_BYTES, 1);
    return s->program && s->watched && s->attribute && s->touched && s->breakpoints &&
           s->watched_bytes && room_make(s) &&
           extend(&avr->data, avr->ramend + 1u, SIM_DATA_BYTES + SIM_GUARD_BYTES, 0) &&
           extend(&avr->flash, avr->flashend + 1u, avr->flashend + 1u + SIM_GUARD_BYTES, 0xFF);
}

static void set_flag(avr_t *avr, avr_regbit_t flag) {
    if (flag.reg) {
        avr_regbit_set(avr, flag);
    }
}

/* JMP and CALL exist where RJMP cannot reach all of flash. Source: instruction set manual, tables
 * "AVR Devices"; cores AVR25 and AVR35 have no multiplier. */
static unsigned core_features(const char *mcu, const avr_t *avr) {
    const int has_mul = strncmp(mcu, "attiny", 6) != 0 && strcmp(mcu, "at90usb162") != 0;
    return (avr->flashend > 0x1FFF ? CORE_JMP_CALL : 0) | (has_mul ? CORE_MUL : 0) |
           (avr->rampz ? CORE_RAMPZ : 0);
}

sim_result sim_new(const char *mcu, uint32_t hz, uint64_t seed, sim **out) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, silence_libsimavr);
    sim_result result;
    avr_t *avr = chip_make(mcu, &result);
    if (!avr) {
        return result;
    }
    sim *s = calloc(1, sizeof *s);
    if (!s || avr->flashend > 0x1FFFF || avr->address_size > 2) {
        free(avr);
        free(s);
        return s ? SIM_WIDE_PC : SIM_NO_MEMORY;
    }
    if (avr->ioend == 0) {
        avr->ioend = 0x5F; /* libsimavr's ATtiny13 forgets it, and a reset then clears nothing */
    }
    if (avr->address_size == 0) {
        avr->address_size = 2;
    }
    static _Atomic uint64_t born;
    s->serial = ++born;
    s->avr = avr;
    avr->custom.data = s;
    avr->frequency = hz;
    avr_init(avr);
    tiny_flash_attach(s);
    avr->frequency = hz;
    avr->codeend = avr->flashend;
    avr->sleep = sleep_not;
    avr->run_cycle_limit = 1;
    s->run_normal = avr->run;
    s->words = (avr->flashend + 1) / 2;
    s->ram_start = avr->ioend + 1u;
    s->ram_end = avr->ramend;
    s->static_end = s->ram_start;
    s->return_above = UINT16_MAX;
    s->core_has = core_features(mcu, avr);
    memset(s->drive, -1, sizeof s->drive);
    memset(s->adc_millivolts, -1, sizeof s->adc_millivolts);
    if (!has_room(s)) {
        sim_free(s);
        return SIM_NO_MEMORY;
    }
    calls_forget(s);
    avr_eeprom_desc_t eeprom = {.ee = NULL, .offset = 0, .size = avr->e2end + 1};
    avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &eeprom);
    s->eeprom = eeprom.ee;
    uarts_attach(s);
    usarts_reset(s);
    eeprom_attach(s);
    selfprogram_attach(s);
    external_interrupts_attach(s);
    sim_set_supply(s, 5000, 5000, 5000);
    s->seed = seed;
    fill_memory(s);
    for (unsigned address = 0; address < SIM_DATA_BYTES; address++) {
        attribute_update(s, (uint16_t)address);
    }
    s->tracked = 1;
    profile_move(s, UINT32_MAX, avr->pc);
    predecode(s);
    s->sp_lowest = s->sp_checked = s->sp_compared = stack_pointer(avr);
    set_flag(avr, avr->reset_flags.porf);
    *out = s;
    return SIM_OK;
}

void sim_set_rules(sim *s, sim_rules rules) {
    s->rules = rules;
    usarts_reset(s);
}

/* What avr_terminate leaves behind: the signals of interrupt vectors and watched registers. */
static void free_signals(avr_t *avr) {
    for (int i = 0; i < avr->interrupts.vector_count; i++) {
        avr_free_irq(avr->interrupts.vector[i]->irq, AVR_INT_IRQ_COUNT);
    }
    avr_free_irq(avr->interrupts.irq, AVR_INT_IRQ_COUNT);
    for (int i = 0; i < MAX_IOs; i++) {
        avr_free_irq(avr->io[i].irq, AVR_IOMEM_IRQ_ALL + 1);
    }
    free(avr->irq_pool.irq);
}

void sim_free(sim *s) {
    if (!s) {
        return;
    }
    sim_recording_end(s);
    avr_terminate(s->avr);
    free_signals(s->avr);
    free(s->avr);
    uarts_free(s);
    free(s->program);
    free(s->watched);
    free(s->attribute);
    free(s->touched);
    free(s->breakpoints);
    free(s->watched_bytes);
    room_free(s);
    free(s->scratch);
    flash_image_release(s->image);
    free(s);
}

static avr_watchdog_t *watchdog_of(avr_t *avr) {
    avr_io_t *io = avr->io_port;
    while (io && strcmp(io->kind, "watchdog") != 0) {
        io = io->next;
    }
    return (avr_watchdog_t *)io;
}

int watchdog_will_reset(avr_t *avr) {
    const avr_watchdog_t *const watchdog = watchdog_of(avr);
    return watchdog && avr_regbit_get(avr, watchdog->wde) &&
           !avr_regbit_get(avr, watchdog->watchdog.enable);
}

/* A watchdog that has fired and was kept from its reset (by a fault) has no part in a pin reset. */
static void forget_watchdog_reset(avr_t *avr) {
    avr_watchdog_t *const watchdog = watchdog_of(avr);
    if (watchdog) {
        watchdog->reset_context.wdrf = 0;
    }
}

void after_reset(sim *s) {
    s->sp_halves = 0;
    s->asleep = s->programming = 0;
    usarts_reset(s);
    calls_forget(s);
    timing_abandon(s);
    external_interrupts_reset(s);
    ports_restore(s);
    pin_lines_reset(s);
    if (s->recording) {
        recording_pins(s);
    }
}

void sim_set_reset_address(sim *s, uint32_t address) {
    s->avr->reset_pc = s->avr->pc = address & ~1u;
}

void sim_reset(sim *s) {
    forget_watchdog_reset(s->avr);
    s->avr->run = s->run_normal;
    s->fault = (sim_fault){0};
    const uint32_t pc = s->avr->pc;
    avr_reset(s->avr);
    profile_move(s, pc, s->avr->pc);
    set_flag(s->avr, s->avr->reset_flags.extrf);
    after_reset(s);
}

const char *sim_library_version(void) {
    return CONFIG_SIMAVR_VERSION;
}

void sim_describe(const sim *s, sim_description *out) {
    avr_t *avr = s->avr;
    *out = (sim_description){.flash_bytes = avr->flashend + 1u,
                             .ram_start = s->ram_start,
                             .ram_end = s->ram_end,
                             .eeprom_bytes = s->eeprom ? avr->e2end + 1u : 0,
                             .vector_bytes = avr->vector_size};
    for (unsigned u = 0; u < SIM_UARTS_MAX; u++) {
        out->uarts |= (uint32_t)(s->uarts[u].port != NULL) << u;
    }
    for (unsigned p = 0; p < SIM_PORTS_MAX; p++) {
        const int there = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('A' + p), 0) != NULL;
        out->ports |= (uint32_t)there << p;
    }
    out->has_mul = (s->core_has & CORE_MUL) != 0;
    out->has_adc = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, 0) != NULL;
    memcpy(out->signature, avr->signature, sizeof out->signature);
}

uint32_t sim_uarts(const sim *s) {
    uint32_t there = 0;
    for (unsigned u = 0; u < SIM_UARTS_MAX; u++) {
        there |= (uint32_t)(s->uarts[u].port || s->lines[u].baud) << u;
    }
    return there;
}

void sim_flash_changed(sim *s, uint32_t first, uint32_t last) {
    profile_fold(s);
    predecode_range(s, first, last);
}

void sim_set_static_end(sim *s, uint32_t data_address) {
    s->static_end = data_address > s->ram_start ? data_address : s->ram_start;
    s->sp_checked = s->sp_compared = (uint16_t)s->ram_end;
}

void sim_last_fault(const sim *s, sim_fault *out) {
    *out = s->fault;
}

uint64_t sim_cycle(const sim *s) {
    return s->avr->cycle;
}

uint32_t sim_pc(const sim *s) {
    return s->avr->pc;
}

void sim_set_pc(sim *s, uint32_t pc) {
    profile_move(s, s->avr->pc, pc & ~1u);
    s->avr->pc = pc & ~1u;
}

uint32_t sim_sp(const sim *s) {
    return stack_pointer(s->avr);
}

uint32_t sim_sreg(const sim *s) {
    uint8_t sreg;
    READ_SREG_INTO(s->avr, sreg);
    return sreg;
}

void sim_set_sreg(sim *s, uint32_t sreg) {
    for (unsigned bit = 0; bit < 8; bit++) {
        avr_sreg_set(s->avr, (uint8_t)bit, (sreg >> bit) & 1);
    }
}

uint32_t sim_sp_lowest(const sim *s) {
    return s->sp_lowest;
}

uint64_t sim_resets(const sim *s) {
    return s->resets;
}

uint64_t sim_interrupts(const sim *s) {
    return s->interrupts;
}

int sim_is_asleep(const sim *s) {
    return s->avr->state == cpu_Sleeping;
}

const char *sim_message(const sim *s) {
    return s->message;
}

uint8_t *sim_data(sim *s) {
    return s->avr->data;
}

uint8_t *sim_flash(sim *s) {
    return s->avr->flash;
}

uint8_t *sim_eeprom(sim *s) {
    return s->eeprom;
}

uint8_t *sim_touched(sim *s) {
    return s->touched;
}
