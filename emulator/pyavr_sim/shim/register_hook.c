/* SPDX-License-Identifier: GPL-3.0-or-later */
/* register_hook.c  a handler of ours before libsimavr's own handler of an I/O register. */
#include "engine.h"

void hook_register(register_hook *hook, avr_t *avr, avr_io_addr_t address, avr_io_write_t handler,
                   void *owner) {
    if (address < 32 || AVR_DATA_TO_IO(address) >= MAX_IOs ||
        avr->io[AVR_DATA_TO_IO(address)].w.c == handler) {
        return; /* absent, or one register with two names */
    }
    const unsigned io = AVR_DATA_TO_IO(address);
    *hook = (register_hook){owner, avr->io[io].w.c, avr->io[io].w.param};
    avr->io[io].w.c = handler;
    avr->io[io].w.param = hook;
}

void hook_pass_on(const register_hook *hook, avr_t *avr, avr_io_addr_t address, uint8_t value) {
    if (hook->behind) {
        hook->behind(avr, address, value, hook->param);
    } else {
        avr->data[address] = value;
    }
}
