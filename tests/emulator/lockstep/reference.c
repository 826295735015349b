/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reference.c  the other side of the lockstep: libsimavr with its own instruction core. */
#include "reference.h"

#include "engine.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_eeprom.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_core.h>
#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_io.h>

enum { SENT_MAX = 4096 };

/* What a UART has sent, a byte and the cycle at which its instruction began. */
typedef struct {
    avr_t *avr;
    size_t count;
    uint8_t byte[SENT_MAX];
    uint64_t cycle[SENT_MAX];
} sent_log;

struct reference {
    avr_t *avr;
    avr_run_t run_normal;
    sent_log sent[2]; /* the reference's, the engine's */
    size_t interrupts;
};

static void sleep_not(avr_t *avr, avr_cycle_count_t cycles) {
    (void)avr;
    (void)cycles;
}

static void on_sent(avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    sent_log *log = param;
    log->byte[log->count % SENT_MAX] = (uint8_t)value;
    log->cycle[log->count++ % SENT_MAX] = log->avr->cycle;
}

static void on_interrupt(avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    ((reference *)param)->interrupts += value != 0;
}

/* The engine's pins do not poll; a reset turns it on again. */
static void ask_at_edges_only(avr_t *avr) {
    for (uint8_t n = 0; n < EXTINT_COUNT; n++) {
        avr_extint_set_strict_lvl_trig(avr, n, 0);
    }
}

static void quieten_uarts(avr_t *avr) {
    for (avr_io_t *io = avr->io_port; io; io = io->next) {
        if (strcmp(io->kind, "uart") == 0) {
            ((avr_uart_t *)io)->flags = 0;
        }
    }
}

static void listen(sent_log *log, avr_t *avr) {
    log->avr = avr;
    avr_irq_t *out = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT);
    if (out) {
        avr_irq_register_notify(out, on_sent, log);
    }
}

/* As long as libsimavr 1.6 performs accesses above RAMEND, they must stay inside. */
static int extend(avr_t *avr) {
    uint8_t *data = calloc(SIM_DATA_BYTES + SIM_GUARD_BYTES, 1);
    if (!data) {
        return 0;
    }
    memcpy(data, avr->data, avr->ramend + 1u);
    free(avr->data);
    avr->data = data;
    return 1;
}

reference *reference_new(const char *mcu, void *engine) {
    avr_t *const ours = ((sim *)engine)->avr;
    sim_result result;
    reference *r = calloc(1, sizeof *r);
    avr_t *avr = chip_make(mcu, &result);
    if (!r || !avr) {
        free(r);
        free(avr);
        return NULL;
    }
    avr->ioend = ours->ioend;
    avr->address_size = ours->address_size;
    avr->frequency = ours->frequency;
    avr_init(avr);
    avr->frequency = ours->frequency;
    avr->codeend = avr->flashend;
    avr->sleep = sleep_not;
    avr->run_cycle_limit = 1;
    avr->log = 0;
    avr->vcc = ours->vcc;
    avr->avcc = ours->avcc;
    avr->aref = ours->aref;
    avr->pc = ours->pc;
    r->avr = avr;
    r->run_normal = avr->run;
    if (!extend(avr)) {
        reference_free(r);
        return NULL;
    }
    memcpy(avr->flash, ours->flash, ours->flashend + 1u);
    memcpy(avr->data, ours->data, ours->ramend + 1u);
    SET_SREG_FROM(avr, ours->data[R_SREG]);
    quieten_uarts(avr);
    ask_at_edges_only(avr);
    listen(&r->sent[0], avr);
    listen(&r->sent[1], ours);
    avr_irq_register_notify(avr_get_interrupt_irq(avr, AVR_INT_ANY) + AVR_INT_IRQ_RUNNING,
                            on_interrupt, r);
    return r;
}

void reference_free(reference *r) {
    avr_irq_t *out = avr_io_getirq(r->sent[1].avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT);
    if (out) {
        avr_irq_unregister_notify(out, on_sent, &r->sent[1]);
    }
    avr_terminate(r->avr);
    free(r->avr);
    free(r);
}

uint64_t reference_run(reference *r, uint64_t cycle) {
    while (r->avr->cycle < cycle && r->avr->state != cpu_Done && r->avr->state != cpu_Crashed) {
        avr_run(r->avr);
        if (r->avr->run != r->run_normal) { /* the watchdog's reset, which takes no cycle */
            avr_run(r->avr);
            ask_at_edges_only(r->avr);
        }
    }
    return r->avr->cycle;
}

void both_receive(reference *r, void *engine, uint32_t byte) {
    avr_t *const both[] = {r->avr, ((sim *)engine)->avr};
    for (int i = 0; i < 2; i++) {
        avr_irq_t *in = avr_io_getirq(both[i], AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
        if (in) {
            avr_raise_irq(in, byte);
        }
    }
}

void both_drive(reference *r, void *engine, uint32_t port, uint32_t pin, uint32_t level) {
    avr_t *const both[] = {r->avr, ((sim *)engine)->avr};
    for (int i = 0; i < 2; i++) {
        avr_irq_t *irq = avr_io_getirq(both[i], AVR_IOCTL_IOPORT_GETIRQ(port), (int)pin);
        if (irq) {
            avr_raise_irq(irq, level);
        }
    }
}

void both_apply(reference *r, void *engine, uint32_t channel, uint32_t millivolts) {
    avr_t *const both[] = {r->avr, ((sim *)engine)->avr};
    for (int i = 0; i < 2; i++) {
        avr_raise_irq(avr_io_getirq(both[i], AVR_IOCTL_ADC_GETIRQ, (int)channel), millivolts);
    }
}

#define DIFFER(...)                                                                                \
    do {                                                                                           \
        snprintf(text, size, __VA_ARGS__);                                                         \
        return 1;                                                                                  \
    } while (0)
#define SAME(what, ours, theirs)                                                                   \
    do {                                                                                           \
        if ((ours) != (theirs)) {                                                                  \
            DIFFER("%s is %#llx, expected %#llx", what, (unsigned long long)(ours),                \
                   (unsigned long long)(theirs));                                                  \
        }                                                                                          \
    } while (0)

static uint8_t sreg_of(const avr_t *avr) {
    uint8_t sreg;
    READ_SREG_INTO(avr, sreg);
    return sreg;
}

static int compare_core(const avr_t *avr, const avr_t *ours, char *text, size_t size) {
    SAME("cycle", ours->cycle, avr->cycle);
    SAME("pc", ours->pc, avr->pc);
    SAME("state", ours->state, avr->state);
    SAME("SREG", sreg_of(ours), sreg_of(avr));
    SAME("interrupt_state", (uint8_t)ours->interrupt_state, (uint8_t)avr->interrupt_state);
    for (unsigned address = 0; address <= avr->ramend; address++) {
        if (address != R_SREG && ours->data[address] != avr->data[address]) {
            DIFFER("data[0x%04x] is 0x%02x, expected 0x%02x", address, ours->data[address],
                   avr->data[address]);
        }
    }
    return 0;
}

static int is_of_libsimavr(avr_cycle_timer_t timer) {
    Dl_info has_it, library;
    return dladdr((void *)timer, &has_it) && dladdr((void *)avr_run, &library) &&
           has_it.dli_fbase == library.dli_fbase;
}

/* The one timer of a chip file, CCP's, stands in the extension and in this library. */
static int is_same_timer(avr_cycle_timer_t a, avr_cycle_timer_t b) {
    return a == b || !(is_of_libsimavr(a) || is_of_libsimavr(b));
}

static const uint8_t *eeprom_of(avr_t *avr) {
    avr_eeprom_desc_t whole = {.ee = NULL, .offset = 0, .size = avr->e2end + 1u};
    avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &whole);
    return whole.ee;
}

static int compare_memory(const char *name, const uint8_t *ours, const uint8_t *theirs,
                          size_t count, char *text, size_t size) {
    for (size_t at = 0; memcmp(ours, theirs, count) && at < count; at++) {
        if (ours[at] != theirs[at]) {
            DIFFER("%s[0x%04zx] is 0x%02x, expected 0x%02x", name, at, ours[at], theirs[at]);
        }
    }
    return 0;
}

static int compare_interrupts(const avr_t *avr, const avr_t *ours, char *text, size_t size) {
    const avr_int_table_t *a = &ours->interrupts, *b = &avr->interrupts;
    SAME("running interrupts", a->running_ptr, b->running_ptr);
    for (unsigned v = 0; v < b->vector_count; v++) {
        if (a->vector[v]->pending != b->vector[v]->pending) {
            DIFFER("vector %u: pending is %d, expected %d", b->vector[v]->vector,
                   a->vector[v]->pending, b->vector[v]->pending);
        }
    }
    const avr_cycle_timer_slot_p x = ours->cycle_timers.timer, y = avr->cycle_timers.timer;
    int place = 0;
    for (avr_cycle_timer_slot_p i = x, j = y; i || j; i = i->next, j = j->next, place++) {
        if (!i || !j || i->when != j->when || !is_same_timer(i->timer, j->timer)) {
            DIFFER("cycle timer %d is due at %llu, expected %llu", place,
                   i ? (unsigned long long)i->when : 0ull, j ? (unsigned long long)j->when : 0ull);
        }
    }
    return 0;
}

static int compare_sent(const sent_log *theirs, const sent_log *ours, char *text, size_t size) {
    SAME("count of sent bytes", ours->count, theirs->count);
    for (size_t i = 0; i < theirs->count && i < SENT_MAX; i++) {
        if (ours->byte[i] != theirs->byte[i] || ours->cycle[i] != theirs->cycle[i]) {
            DIFFER("sent byte %zu is 0x%02x at %llu, expected 0x%02x at %llu", i, ours->byte[i],
                   (unsigned long long)ours->cycle[i], theirs->byte[i],
                   (unsigned long long)theirs->cycle[i]);
        }
    }
    return 0;
}

int reference_compare(reference *r, void *engine, char *text, size_t size) {
    avr_t *const ours = ((sim *)engine)->avr;
    return compare_core(r->avr, ours, text, size) ||
           compare_memory("flash", ours->flash, r->avr->flash, ours->flashend + 1u, text, size) ||
           compare_memory("eeprom", eeprom_of(ours), eeprom_of(r->avr), ours->e2end + 1u, text,
                          size) ||
           compare_interrupts(r->avr, ours, text, size) ||
           compare_sent(&r->sent[0], &r->sent[1], text, size);
}

size_t reference_sent(const reference *r) {
    return r->sent[1].count;
}

size_t reference_interrupts(const reference *r) {
    return r->interrupts;
}
