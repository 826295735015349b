/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core.c  the instruction core: predecoded flash, executed on libsimavr's avr_t. Peripherals,
 * cycle timers and interrupts are libsimavr's; not one instruction is. */
#include "engine.h"

#include <string.h>

#include <simavr/avr_watchdog.h>
#include <simavr/sim_core.h>
#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>
#include <simavr/sim_io.h>

#define NOINLINE __attribute__((noinline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

static const uint8_t operation_cycles[OP_COUNT] = {
#define X(name, cycles, ends_line) cycles,
    OPERATIONS(X)
#undef X
};
static const uint8_t operation_ends_line[OP_COUNT] = {
#define X(name, cycles, ends_line) ends_line,
    OPERATIONS(X)
#undef X
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "register pairs are read in place");
static inline uint16_t pair_get(const uint8_t *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void pair_set(uint8_t *at, uint16_t value) {
    memcpy(at, &value, sizeof value);
}

/* avr->sreg holds a flag a byte, 0 or 1; eight at once are gathered and spread by a product whose
 * partial sums do not overlap: byte i times 2^(56 - 7 i) is bit 56 + i, bit i times 2^(7 i) bit 8
 * i. */
static inline uint8_t read_sreg(const avr_t *avr) {
    uint64_t flags;
    memcpy(&flags, avr->sreg, sizeof flags);
    return (uint8_t)(flags * 0x0102040810204080u >> 56);
}

/* All but I, which set_interrupts changes. */
static inline void write_sreg(avr_t *avr, uint8_t flags) {
    const uint64_t spread = (flags & 0x7F) * 0x40810204081u & 0x01010101010101u;
    const uint64_t all = spread | (uint64_t)avr->sreg[S_I] << 56;
    memcpy(avr->sreg, &all, sizeof all);
    avr->data[R_SREG] = flags;
}

/* S is N ^ V after every instruction but a write of SREG. */
static inline int sign_is_odd(uint8_t flags) {
    return ((flags >> 4) ^ (flags >> 3) ^ (flags >> 2)) & 1;
}

/* An interrupt waits for the instruction behind SEI: libsimavr counts up from -2. */
static void set_interrupts(avr_t *avr, int enabled) {
    if (!enabled) {
        avr->interrupt_state = 0;
    } else if (!avr->sreg[S_I]) {
        avr->interrupt_state = -2;
    }
    avr->sreg[S_I] = (uint8_t)enabled;
}

void fault(sim *s, sim_fault_kind kind, uint32_t address) {
    const sim_fault found = {kind, s->avr->pc, address, s->avr->cycle};
    if (s->reactions[kind] == SIM_REACT_IGNORE || s->stop_now == SIM_STOP_FAULT) {
        return;
    }
    findings_add(s, &found);
    if (s->reactions[kind] == SIM_REACT_FAULT) {
        s->fault = found;
        s->stop_now = SIM_STOP_FAULT;
    }
}

/* Where a jump to a word leads. */
static NOINLINE uint32_t land_beyond_flash(sim *s, uint32_t word) {
    if (s->reactions[SIM_FAULT_PC] == SIM_REACT_FAULT) {
        return s->words; /* whose instruction is the fault */
    }
    fault(s, SIM_FAULT_PC, 2 * word);
    return word % s->words;
}

static inline uint64_t stamp_now(const sim *s) {
    return s->avr->cycle << 16 | s->avr->pc / 2;
}

static int is_io(const avr_t *avr, uint16_t address) {
    return address >= 32 && address <= avr->ioend && address < 32 + MAX_IOs;
}

/* What an address needs now: it changes with its first load and store, and while a run waits for
 * its value. */
void attribute_update(sim *s, uint16_t address) {
    const avr_t *avr = s->avr;
    uint8_t slow = 0;
    if (address > s->ram_end || address == R_SREG || address == R_SPL || address == R_SPH) {
        slow = SLOW_READ | SLOW_WRITE;
    } else if (is_io(avr, address)) {
        const unsigned io = AVR_DATA_TO_IO(address);
        slow |= avr->io[io].irq || avr->io[io].r.c ? SLOW_READ : 0;
        slow |= avr->io[io].irq || avr->io[io].w.c ? SLOW_WRITE : 0;
    } else if (address >= s->ram_start) {
        const uint8_t touched = s->touched[address];
        const int may_be_read = s->reactions[SIM_FAULT_UNINITIALISED] == SIM_REACT_IGNORE
                                    ? touched
                                    : touched & (TOUCHED_WRITTEN | TOUCHED_FROM_OUTSIDE);
        slow |= touched & TOUCHED_WRITTEN ? 0 : SLOW_WRITE;
        slow |= may_be_read ? 0 : SLOW_READ;
    }
    if ((s->until && address - s->until->value_address < s->until->value_size) ||
        (s->recording && recording_watches(s, address))) {
        slow |= SLOW_WRITE;
    }
    s->attribute[address] = slow;
}

static void raise_register_irqs(avr_t *avr, uint16_t address, uint8_t value) {
    avr_irq_t *const irq = avr->io[AVR_DATA_TO_IO(address)].irq;
    if (irq) {
        avr_raise_irq(irq + AVR_IOMEM_IRQ_ALL, value);
        for (int bit = 0; bit < 8; bit++) {
            avr_raise_irq(irq + bit, (value >> bit) & 1);
        }
    }
}

/* All state is written back; what the access sets off is found by the caller. */
static NOINLINE uint8_t load_slowly(sim *s, uint16_t address) {
    avr_t *const avr = s->avr;
    s->last_access[address] = stamp_now(s);
    if (address > s->ram_end) {
        fault(s, SIM_FAULT_READ, address);
        return 0;
    }
    if (is_io(avr, address)) {
        const unsigned io = AVR_DATA_TO_IO(address);
        if (avr->io[io].r.c) {
            avr->data[address] = avr->io[io].r.c(avr, address, avr->io[io].r.param);
        }
        raise_register_irqs(avr, address, avr->data[address]);
    } else {
        if (address >= s->ram_start && !(s->touched[address] & TOUCHED_WRITTEN)) {
            if (was_written_from_outside(s, address)) {
                s->touched[address] |= TOUCHED_FROM_OUTSIDE;
            } else {
                fault(s, SIM_FAULT_UNINITIALISED, address);
            }
        }
        s->touched[address] |= TOUCHED_READ;
        attribute_update(s, address);
    }
    return avr->data[address];
}

void note_write(sim *s, uint16_t address, uint64_t stamp) {
    if (!(s->touched[address] & TOUCHED_WRITTEN)) {
        s->first_write[address] = stamp;
        s->touched[address] |= TOUCHED_WRITTEN;
    }
    s->last_access[address] = stamp;
    s->last_writer[address] = (uint16_t)stamp;
    if (s->attribute[address] & SLOW_WRITE) {
        attribute_update(s, address);
    }
}

static NOINLINE void store_slowly(sim *s, uint16_t address, uint8_t value) {
    avr_t *const avr = s->avr;
    if (address > s->ram_end) {
        fault(s, SIM_FAULT_WRITE, address);
        return;
    }
    const uint16_t sp = stack_pointer(avr);
    if (address == R_SREG) {
        write_sreg(avr, value);
        set_interrupts(avr, value >> 7);
    } else if (is_io(avr, address)) {
        const unsigned io = AVR_DATA_TO_IO(address);
        if (avr->io[io].w.c) {
            avr->io[io].w.c(avr, address, value, avr->io[io].w.param);
        } else {
            avr->data[address] = value;
        }
        raise_register_irqs(avr, address, value);
        if (address == R_SPL || address == R_SPH) {
            stack_pointer_written(s, address == R_SPL ? 1 : 2, sp, stack_pointer(avr));
        }
    } else {
        if (s->recording && avr->data[address] != value) {
            recording_stored(s, address, value);
        }
        avr->data[address] = value;
        note_write(s, address, stamp_now(s));
    }
    if (s->until && value_holds(s) && s->stop_now == SIM_STOP_CYCLES) {
        s->stop_now = SIM_STOP_VALUE;
    }
}

static void lower(sim *s, uint16_t sp) {
    if (sp < s->sp_window) {
        s->sp_window = sp;
    }
    if (sp < s->sp_lowest) {
        s->sp_lowest = sp;
        calls_capture(s);
    }
}

/* Half of SP was written (1: SPL, 2: SPH). A frame is set up by two writes, and only the pair is a
 * stack pointer; the same half twice was two whole settings. Chips whose SRAM ends below 256 have
 * SPL alone. */
void stack_pointer_written(sim *s, unsigned half, uint16_t before, uint16_t now) {
    if (s->sp_halves == half) {
        lower(s, before);
    }
    if (s->sp_halves != (half ^ 3) && s->ram_end > 0xFF) {
        s->sp_halves = (uint8_t)half;
    } else {
        s->sp_halves = 0;
        lower(s, now);
        if (s->recording) {
            recording_sp(s, now);
        }
    }
}

void check_stack(sim *s, uint16_t to) {
    const uint16_t sp = stack_pointer(s->avr);
    if (to < s->sp_compared && sp > s->ram_end) {
        fault(s, SIM_FAULT_WRITE, sp);
    } else if (to < s->sp_compared && to + 1u < s->static_end) {
        fault(s, SIM_FAULT_STACK_COLLISION, sp < s->static_end ? sp : s->static_end - 1);
    }
    if (s->stop_now != SIM_STOP_FAULT) {
        s->sp_compared = to < s->sp_compared ? to : s->sp_compared;
        s->sp_checked = to;
        lower(s, to);
    }
}

static void store_in_flash(sim *s) {
    const uint8_t *const data = s->avr->data;
    const uint32_t high = s->avr->rampz ? data[s->avr->rampz] : 0;
    const uint32_t z = high << 16 | pair_get(data + R_ZL);
    if (z > s->avr->flashend) {
        fault(s, SIM_FAULT_FLASH_WRITE, z);
        return;
    }
    program_flash(s, z);
    profile_fold(s);
    const uint32_t page = z & ~(SPM_PAGE_MAX - 1u);
    predecode_range(s, page, page + SPM_PAGE_MAX - 1);
}

/* Works on registers alone, and so raises no interrupt. */
static inline int only_computes(uint8_t op) {
    return op <= OP_fmulsu || (op >= OP_mov && op <= OP_ldi);
}

static int64_t cycles_to_next_event(const sim *s) {
    const avr_cycle_timer_slot_p timer = s->avr->cycle_timers.timer;
    const uint64_t event = timer && timer->when < s->end ? timer->when : s->end;
    return (int64_t)(event - s->avr->cycle);
}

static inline int must_leave(const sim *s) {
    return s->stop_now != SIM_STOP_CYCLES || s->avr->interrupt_state ||
           s->avr->state != cpu_Running || s->avr->run != s->run_normal;
}

#ifndef __cppcheck__ /* which does not know labels as values */
#include "vocabulary.h"

#define EXECUTE execute_lines
#include "execute.h"

#define EXECUTE execute_lines_tracked
#define TRACKED
#include "execute.h"

#define EXECUTE execute_one
#define TRACKED
#define ONE_INSTRUCTION
#include "execute.h"
#endif

void core_run_lines(sim *s) {
    (s->tracked ? execute_lines_tracked : execute_lines)(s, cycles_to_next_event(s));
}

void core_run_one(sim *s) {
    execute_one(s, 0);
}

int core_must_step(const sim *s) {
    return s->avr->interrupt_state || sign_is_odd(read_sreg(s->avr)) ||
           cycles_to_next_event(s) < s->program[s->avr->pc / 2].span;
}

static const void *const *labels_of(const sim *s) {
    return (s->tracked ? execute_lines_tracked : execute_lines)(NULL, 0);
}

/* All behind `at` is predecoded. */
static void predecode_word(sim *s, uint32_t at) {
    insn i = decode(s->avr->flash, s->words, at, s->core_has);
    const uint32_t next = at + i.words;
    unsigned span = operation_cycles[i.op];
    unsigned handler = s->watched[at] ? OP_watch : i.op;
    if (!operation_ends_line[i.op] && next <= s->words) {
        span += s->program[next].span;
    }
    if (span > UINT16_MAX) { /* cut the line here: at a watch the run loop takes over */
        span = operation_cycles[i.op];
        handler = OP_watch;
    }
    i.span = (uint16_t)span;
    i.handler = labels_of(s)[handler];
    s->program[at] = i;
}

void predecode(sim *s) {
    profile_fold(s);
    /* A skip at the end may lead to the second. */
    s->program[s->words] = s->program[s->words + 1] =
        (insn){.op = OP_end_of_flash,
               .words = 1,
               .span = operation_cycles[OP_end_of_flash],
               .handler = labels_of(s)[OP_end_of_flash]};
    for (uint32_t at = s->words; at-- > 0;) {
        predecode_word(s, at);
    }
}

static int is_as_before(const insn *a, const insn *b) {
    return a->handler == b->handler && a->op == b->op && a->k == b->k && a->span == b->span &&
           a->d == b->d && a->r == b->r && a->words == b->words;
}

/* A line's span reaches back to its begin: go on below `first` until two words running, since an
 * instruction has at most two, are as they were. */
void predecode_range(sim *s, uint32_t first, uint32_t last) {
    int same = 0;
    for (uint32_t at = (last / 2 < s->words ? last / 2 + 1 : s->words); at-- > 0 && same < 2;) {
        const insn before = s->program[at];
        predecode_word(s, at);
        same = at < first / 2 && is_as_before(&before, &s->program[at]) ? same + 1 : 0;
    }
}

void watch(sim *s, uint32_t address, int by) {
    const uint32_t word = address / 2;
    if (word < s->words) {
        s->watched[word] = (uint8_t)(s->watched[word] + by);
        predecode_word(s, word);
    }
}
