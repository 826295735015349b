/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.c  all that decides what a chip will do, as bytes without any address of the host.
 *
 * Numbers are little endian, times relative to now. Pointers to vectors become vector numbers,
 * pointers into the chip's block become offsets, and callbacks of cycle timers offsets in the
 * library that has them. Left out: counters that only measure, and what observes. */
#include "engine.h"
#include "signals.h"

#include <dlfcn.h>
#include <malloc.h>
#include <string.h>

#include <simavr/avr_acomp.h>
#include <simavr/avr_adc.h>
#include <simavr/avr_flash.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_spi.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_twi.h>
#include <simavr/avr_watchdog.h>

typedef struct {
    uint8_t *out;
    size_t capacity, count;
    const avr_t *avr;
} sink;

static void put_bytes(sink *to, const void *bytes, size_t count) {
    if (to->count + count <= to->capacity) {
        memcpy(to->out + to->count, bytes, count);
    }
    to->count += count;
}

static void put(sink *to, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    put_bytes(to, bytes, sizeof bytes);
}

static void put_float(sink *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(to, bits);
}

/* A cycle; 0 is "never" to libsimavr. */
static void put_time(sink *to, uint64_t when) {
    put(to, when ? when - to->avr->cycle : UINT64_MAX / 2);
}

static void put_place(sink *to, const void *at) {
    const uintptr_t from = (uintptr_t)to->avr, place = (uintptr_t)at;
    put(to, place - from < malloc_usable_size((void *)from) ? place - from : UINT64_MAX);
}

static void put_callback(sink *to, avr_cycle_timer_t callback) {
    Dl_info info;
    void *address;
    memcpy(&address, &callback, sizeof address);
    put(to, dladdr(address, &info) ? (uintptr_t)address - (uintptr_t)info.dli_fbase : 0);
}

static void put_core(sink *to, const sim *s) {
    const avr_t *avr = s->avr;
    put_bytes(to, avr->sreg, sizeof avr->sreg);
    put(to, avr->pc);
    put(to, avr->reset_pc);
    put(to, avr->cycle);
    put(to, (uint64_t)avr->state);
    put(to, (uint64_t)avr->interrupt_state);
    put(to, avr->run != s->run_normal); /* the watchdog wants its reset */
    put(to, avr->frequency);
    put(to, avr->vcc);
    put(to, avr->avcc);
    put(to, avr->aref);
    put_bytes(to, avr->fuse, sizeof avr->fuse);
    put(to, avr->lockbits);
    for (uint32_t address = 0; address <= s->ram_end; address++) {
        const uint8_t byte = address == R_SREG ? 0 : avr->data[address];
        put_bytes(to, &byte, 1);
    }
    put_bytes(to, avr->flash, avr->flashend + 1u);
    if (s->eeprom) {
        put_bytes(to, s->eeprom, avr->e2end + 1u);
    }
}

static void put_interrupts(sink *to) {
    const avr_int_table_t *table = &to->avr->interrupts;
    const avr_int_pending_t *pending = &table->pending;
    for (unsigned i = pending->read; i != pending->write; i = (i + 1) % avr_int_pending_fifo_size) {
        put(to, pending->buffer[i]->vector);
    }
    put(to, UINT64_MAX);
    for (unsigned i = 0; i < table->running_ptr; i++) {
        put(to, table->running[i]->vector);
    }
    put(to, UINT64_MAX);
    for (unsigned i = 0; i < table->vector_count; i++) {
        put(to, table->vector[i]->pending);
    }
}

static void put_cycle_timers(sink *to) {
    for (const avr_cycle_timer_slot_t *t = to->avr->cycle_timers.timer; t; t = t->next) {
        put(to, t->when - to->avr->cycle);
        put_callback(to, t->timer);
        put_place(to, t->param);
    }
    put(to, UINT64_MAX);
}

static void put_signals(sink *to) {
    for (int i = 0; i < to->avr->irq_pool.count; i++) {
        const avr_irq_t *irq = to->avr->irq_pool.irq[i];
        put(to, irq ? (uint64_t)irq->value << 8 | irq->flags : 0);
        put(to, irq ? signal_listeners(irq) : 0);
    }
}

/* One function a kind of module; all that it keeps outside of data space and signals. */

static void put_uart(sink *to, const avr_io_t *io) {
    const avr_uart_t *uart = (const avr_uart_t *)io;
    const uart_fifo_t *fifo = &uart->input;
    for (unsigned i = fifo->read; i != fifo->write; i = (i + 1) % uart_fifo_fifo_size) {
        put(to, fifo->buffer[i]);
    }
    put(to, UINT64_MAX);
    put(to, uart->tx_cnt);
    put(to, uart->rx_cnt);
    put(to, uart->cycles_per_byte);
    put_time(to, uart->rxc_raise_time);
}

static void put_timer(sink *to, const avr_io_t *io) {
    const avr_timer_t *timer = (const avr_timer_t *)io;
    put(to, timer->mode.top | timer->mode.bottom << 8 | timer->mode.size << 16 |
                (uint64_t)timer->mode.kind << 24);
    put(to, (uint64_t)timer->wgm_op_mode_kind);
    put(to, timer->wgm_op_mode_size);
    put(to, timer->cs_div_value);
    put(to, timer->ext_clock_flags);
    put_float(to, timer->ext_clock);
    for (int i = 0; i < AVR_TIMER_COMP_COUNT; i++) {
        put(to, timer->comp[i].comp_cycles);
    }
    put(to, timer->tov_cycles);
    put_float(to, timer->tov_cycles_fract);
    put_float(to, timer->phase_accumulator);
    put_time(to, timer->tov_base);
    put(to, timer->tov_top);
}

static void put_adc(sink *to, const avr_io_t *io) {
    const avr_adc_t *adc = (const avr_adc_t *)io;
    put(to, adc->adts_mode);
    put_bytes(to, adc->adc_values, sizeof adc->adc_values);
    put(to, adc->temp);
    put(to, adc->first);
    put(to, adc->read_status);
}

static void put_flash(sink *to, const avr_io_t *io) {
    const avr_flash_t *flash = (const avr_flash_t *)io;
    put(to, flash->flags);
    for (unsigned i = 0; i < flash->spm_pagesize / 2u; i++) {
        put(to, flash->tmppage_used[i] ? flash->tmppage[i] : UINT64_MAX);
    }
}

static void put_watchdog(sink *to, const avr_io_t *io) {
    const avr_watchdog_t *watchdog = (const avr_watchdog_t *)io;
    put(to, watchdog->cycle_count);
    put(to, watchdog->reset_context.wdrf);
}

static void put_port(sink *to, const avr_io_t *io) {
    const avr_ioport_t *port = (const avr_ioport_t *)io;
    put(to, port->external.pull_mask);
    put(to, port->external.pull_value);
}

static void put_spi(sink *to, const avr_io_t *io) {
    put(to, ((const avr_spi_t *)io)->input_data_register);
}

static void put_twi(sink *to, const avr_io_t *io) {
    const avr_twi_t *twi = (const avr_twi_t *)io;
    put(to, twi->state);
    put(to, twi->peer_addr);
    put(to, twi->next_twstate);
}

static void put_comparator(sink *to, const avr_io_t *io) {
    const avr_acomp_t *comparator = (const avr_acomp_t *)io;
    put_bytes(to, comparator->adc_values, sizeof comparator->adc_values);
    put_bytes(to, comparator->ain_values, sizeof comparator->ain_values);
}

static const struct {
    const char *kind;
    void (*put)(sink *to, const avr_io_t *io);
} modules[] = {
    {"uart", put_uart},   {"timer", put_timer},       {"adc", put_adc},
    {"flash", put_flash}, {"watchdog", put_watchdog}, {"port", put_port},
    {"spi", put_spi},     {"twi", put_twi},           {"ac", put_comparator},
};

static void put_modules(sink *to) {
    for (const avr_io_t *io = to->avr->io_port; io; io = io->next) {
        for (size_t m = 0; m < sizeof modules / sizeof *modules; m++) {
            if (strcmp(io->kind, modules[m].kind) == 0) {
                modules[m].put(to, io);
            }
        }
    }
}

static void put_ring(sink *to, const ring *r) {
    put(to, r->count);
    for (size_t i = 0; i < r->count; i++) {
        put_bytes(to, &r->bytes[(r->first + i) & (r->capacity - 1)], 1);
    }
}

static void put_line(sink *to, const pin_line *line) {
    put(to, line->baud);
    put(to, (uint64_t)line->rx_port << 24 | line->rx_pin << 16 | line->tx_port << 8 | line->tx_pin);
    put(to, line->to_bit | line->from_bit << 8);
    put(to, (uint64_t)line->to_frame << 16 | line->from_frame);
    put_time(to, line->to_start);
    put_time(to, line->from_start);
    put_time(to, line->to_due);
    put_time(to, line->from_due);
    put_time(to, line->rests_from);
    put(to, line->framing_errors);
}

static void put_engine(sink *to, const sim *s) {
    put_bytes(to, s->touched, s->ram_end + 1u);
    put(to, s->static_end);
    put(to, s->sp_lowest);
    put(to, s->sp_compared);
    put(to, s->sp_halves);
    put(to, s->rules);
    put(to, s->asleep);
    put(to, s->programming);
    put(to, s->fault.kind);
    put(to, s->fault.pc);
    put(to, s->fault.address);
    put(to, s->fault.cycle);
    put(to, s->resets);
    put_bytes(to, s->drive, sizeof s->drive);
    for (int i = 0; i < SIM_ADC_CHANNELS; i++) {
        put(to, (uint64_t)s->adc_millivolts[i]);
    }
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        put(to, s->uarts[u].written);
        put(to, s->uarts[u].control_c);
        put(to, s->uarts[u].divisor_high);
        put_ring(to, &s->uarts[u].to_chip);
        put_ring(to, &s->uarts[u].from_chip);
        put_line(to, &s->lines[u]);
    }
}

size_t sim_state(const sim *s, uint8_t *out, size_t capacity) {
    sink to = {out, capacity, 0, s->avr};
    put_bytes(&to, s->avr->mmcu, strlen(s->avr->mmcu) + 1);
    put_core(&to, s);
    put_interrupts(&to);
    put_cycle_timers(&to);
    put_signals(&to);
    put_modules(&to);
    put_engine(&to, s);
    return to.count;
}
