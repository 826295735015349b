/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selfprogram.c  SPM and the time that it takes.
 *
 * A page erase or write, and a write of lock bits, takes up to 4.5 ms. A chip without a
 * read-while-write section halts; so does one with it when the page is in its NRWW section. Else
 * the firmware goes on, SPMEN and RWWSB read as one, and SPM is ignored meanwhile; RWWSB goes when
 * an SPM with RWWSRE comes afterwards. Filling the page buffer takes no time.
 *
 * Source: ATmega328P datasheet (Atmel-8271), "Read-While-Write and No Read-While-Write Flash
 * Sections", "SPM Programming Time"; ATtiny1634 datasheet (8303), "Self-Programming". The bytes are
 * stored when the operation starts, and reading the busy section is not watched. libsimavr 1.6
 * takes no time at all, and its page erase begins at Z instead of Z's page. */
#include "engine.h"

#include <string.h>

#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>
#include <simavr/sim_time.h>

enum { PAGE_US = 4500 };

/* A page erase of these clears a block of four pages. Source: n_page_erase in avrdude.conf. */
static const char *const four_pages[] = {"attiny441", "attiny841", "attiny1634"};

static uint32_t erase_bytes(const avr_t *avr, const avr_flash_t *port) {
    for (unsigned k = 0; k < sizeof four_pages / sizeof *four_pages; k++) {
        if (strcmp(four_pages[k], avr->mmcu) == 0) {
            return 4u * port->spm_pagesize;
        }
    }
    return port->spm_pagesize;
}

/* NRWW is as long as the longest boot section (tables "Read-While-Write Limit"). */
static uint32_t nrww_start(const avr_t *avr) {
    const uint32_t flash_bytes = avr->flashend + 1u;
    const uint32_t nrww_bytes = flash_bytes <= 16384 ? 2048 : flash_bytes <= 32768 ? 4096 : 8192;
    return flash_bytes - nrww_bytes;
}

static avr_cycle_count_t page_done(avr_t *avr, avr_cycle_count_t when, void *param) {
    (void)when;
    sim *s = param;
    s->programming = 0;
    avr_regbit_clear(avr, s->flash_port->selfprgen);
    avr_raise_interrupt(avr, &s->flash_port->flash);
    return 0;
}

void program_flash(sim *s, uint32_t z) {
    avr_t *avr = s->avr;
    avr_flash_t *port = s->flash_port;
    if (!port || s->rules == SIM_RULES_SIMAVR) {
        avr_ioctl(avr, AVR_IOCTL_FLASH_SPM, NULL);
        return;
    }
    if (s->programming || !avr_regbit_get(avr, port->selfprgen)) {
        return;
    }
    const int has_rww = port->flags & AVR_SELFPROG_HAVE_RWW;
    const int takes_time = avr_regbit_get(avr, port->pgers) || avr_regbit_get(avr, port->pgwrt) ||
                           (has_rww && avr_regbit_get(avr, port->blbset)); /* else it is RFLB */
    const int enables_reads = has_rww && avr_regbit_get(avr, port->rwwsre);
    const int erases = avr_regbit_get(avr, port->pgers);
    const uint8_t low = avr->data[R_ZL];
    if (erases) { /* libsimavr begins at Z, wherever in a page that is */
        avr->data[R_ZL] = low & (uint8_t)-port->spm_pagesize;
    }
    avr_ioctl(avr, AVR_IOCTL_FLASH_SPM, NULL);
    if (erases) {
        const uint32_t bytes = erase_bytes(avr, port);
        memset(avr->flash + (z & ~(bytes - 1)), 0xFF, bytes);
        avr->data[R_ZL] = low;
    }
    const avr_cycle_count_t cycles = avr_usec_to_cycles(avr, PAGE_US);
    if (takes_time && has_rww && z < nrww_start(avr)) {
        s->programming = 1;
        avr_regbit_set(avr, port->selfprgen);
        avr_regbit_set(avr, port->rwwsb);
        avr_cycle_timer_register(avr, cycles, page_done, s);
    } else if (takes_time) {
        halt(s, cycles);
        avr_raise_interrupt(avr, &port->flash);
    } else if (enables_reads) {
        avr_regbit_clear(avr, port->rwwsb);
    }
}

/* RWWSB is read-only, and SPMEN stays until the operation is done. */
static void on_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *param) {
    const register_hook *hook = param;
    sim *s = hook->owner;
    const avr_flash_t *port = s->flash_port;
    if (s->rules == SIM_RULES_DATASHEET && port->rwwsb.reg) {
        const uint8_t busy = (uint8_t)(1 << port->rwwsb.bit);
        value = (value & (uint8_t)~busy) | (avr->data[address] & busy);
    }
    if (s->programming) {
        avr->data[address] = value | (uint8_t)(1 << port->selfprgen.bit);
    } else {
        hook_pass_on(hook, avr, address, value);
    }
}

void selfprogram_attach(sim *s) {
    for (avr_io_t *io = s->avr->io_port; io; io = io->next) {
        if (strcmp(io->kind, "flash") == 0) {
            s->flash_port = (avr_flash_t *)io;
            hook_register(&s->flash_hook, s->avr, s->flash_port->r_spm, on_control, s);
        }
    }
}
