/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tiny_flash.c  self-programming of the ATtinys of libsimavr 1.6, all of which it leaves without.
 *
 * Source: datasheets of the ATtiny13A (8126), 2313A/4313 (8246), 24/44/84 (8006) and 25/45/85
 * (2586), chapter "Self-Programming the Flash"; page sizes as SPM_PAGESIZE in avr-libc's headers.
 */
#include "engine.h"

#include <string.h>

enum { SPMCSR = 0x57, SPMEN = 0, PGERS = 1, PGWRT = 2, RFLB = 3 };

static const struct {
    const char *mcu;
    uint16_t page_bytes;
} left_out[] = {
    {"attiny13", 32},   {"attiny13a", 32},   {"attiny24", 32},    {"attiny44", 64},
    {"attiny84", 64},   {"attiny25", 32},    {"attiny45", 64},    {"attiny85", 64},
    {"attiny2313", 32}, {"attiny2313a", 32}, {"attiny2313v", 32}, {"attiny4313", 64},
};

static int has_flash_port(const avr_t *avr) {
    for (const avr_io_t *io = avr->io_port; io; io = io->next) {
        if (strcmp(io->kind, "flash") == 0) {
            return 1;
        }
    }
    return 0;
}

void tiny_flash_attach(sim *s) {
    if (has_flash_port(s->avr)) {
        return;
    }
    for (unsigned k = 0; k < sizeof left_out / sizeof *left_out; k++) {
        if (strcmp(left_out[k].mcu, s->avr->mmcu) == 0) {
            avr_flash_t *const port = &s->tiny_flash;
            *port = (avr_flash_t){.r_spm = SPMCSR,
                                  .spm_pagesize = left_out[k].page_bytes,
                                  .selfprgen = AVR_IO_REGBIT(SPMCSR, SPMEN),
                                  .pgers = AVR_IO_REGBIT(SPMCSR, PGERS),
                                  .pgwrt = AVR_IO_REGBIT(SPMCSR, PGWRT),
                                  .blbset = AVR_IO_REGBIT(SPMCSR, RFLB)};
            avr_flash_init(s->avr, port);
            port->io.reset(&port->io); /* clears the page buffer */
        }
    }
}
