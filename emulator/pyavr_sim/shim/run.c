/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c  the run loop: straight lines of instructions up to the next event, then the event.
 *
 * Due cycle timers come before a pending interrupt, and sleep is counted, as avr_callback_run_raw
 * in simavr 1.6 sim_avr.c has it, so peripherals behave as they do there. */
#include "engine.h"

#include <simavr/sim_core.h>
#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>

static void take_interrupt(sim *s) {
    avr_t *avr = s->avr;
    const uint32_t pc = avr->pc;
    const uint64_t cycle = avr->cycle;
    const uint16_t sp = stack_pointer(avr);
    interrupts_serve(s);
    const uint16_t to = stack_pointer(avr);
    if (to == sp) {
        return;
    }
    const uint32_t vector = avr->pc;
    s->interrupts++;
    profile_move(s, pc, vector); /* what was to come here comes by the interrupt's return */
    for (uint16_t address = sp; address != to; address--) {
        note_write(s, address, avr->cycle << 16 | pc / 2);
    }
    hit_by_interrupt(s, sp, pc, cycle);
    const insn *const slot = &s->program[vector / 2];
    const int is_jump = slot->op == OP_rjmp || slot->op == OP_jmp;
    calls_enter(s, sp, (sim_frame){to, pc / 2, is_jump ? slot->k : vector / 2, 1}, cycle);
    if (to < s->sp_checked) {
        avr->pc = pc;
        avr->data[R_SPL] = (uint8_t)sp;
        avr->data[R_SPH] = sp >> 8;
        check_stack(s, to);
        avr->data[R_SPL] = (uint8_t)to;
        avr->data[R_SPH] = to >> 8;
        avr->pc = vector;
    }
}

/* A sleep ends one cycle after its timer is due. A run that stopped in that cycle would wake it too
 * early at the next run, so it does not stop there. */
static int wakes_at(const avr_t *avr, uint64_t cycle) {
    const avr_cycle_timer_slot_p timer = avr->cycle_timers.timer;
    return timer && timer->when == cycle;
}

/* Everything but instructions. */
static void serve_events(sim *s) {
    avr_t *avr = s->avr;
    const avr_cycle_timer_slot_p timer = avr->cycle_timers.timer;
    if (avr->state == cpu_Sleeping || (timer && timer->when <= avr->cycle)) {
        const avr_flashaddr_t pc = avr->pc;
        const uint64_t idle = avr_cycle_timer_process(avr);
        avr->pc = pc;
        if (avr->state == cpu_Sleeping && avr->run == s->run_normal) {
            if (!avr->sreg[S_I] && (s->rules == SIM_RULES_SIMAVR || !watchdog_will_reset(avr))) {
                avr->state = cpu_Done;
                s->stop_now = SIM_STOP_ENDED;
                return;
            }
            avr->cycle += idle + (s->rules == SIM_RULES_SIMAVR);
            if (avr->cycle > s->end && !wakes_at(avr, s->end)) {
                avr->cycle = s->end; /* sleeping on at the next run leads to the same wake-up */
            }
        }
    }
    wake_up(s);
    if (avr->interrupt_state) {
        take_interrupt(s);
    }
    if (avr->run != s->run_normal) { /* the watchdog wants its reset */
        const uint32_t pc = avr->pc;
        avr->run(avr);
        profile_move(s, pc, avr->pc);
        s->resets++;
        after_reset(s);
    }
    if (avr->state == cpu_Crashed) {
        fault(s, SIM_FAULT_CRASHED, avr->pc);
    }
}

int value_holds(const sim *s) {
    const sim_until *until = s->until;
    const uint8_t *at = s->avr->data + until->value_address;
    int64_t have = 0;
    for (uint32_t i = 0; i < until->value_size; i++) {
        have |= (int64_t)at[i] << (8 * i);
    }
    const int64_t sign = (int64_t)1 << (8 * until->value_size - 1);
    if (until->value_signed && (have & sign)) {
        have -= 2 * sign;
    }
    switch (until->value_comparison) {
    case SIM_EQUAL:
        return have == until->value;
    case SIM_NOT_EQUAL:
        return have != until->value;
    case SIM_LESS:
        return have < until->value;
    default:
        return have >= until->value;
    }
}

/* Its interrupt would come before the instruction that the executor stands at. */
static int event_is_due(const sim *s) {
    const avr_cycle_timer_slot_p timer = s->avr->cycle_timers.timer;
    return timer && timer->when <= s->avr->cycle;
}

static void run_one(sim *s) {
    if (s->registers_watched) {
        run_one_watching_registers(s);
    } else {
        core_run_one(s);
    }
}

/* The executor stands before a watched word. */
static void reach_watch(sim *s, const sim_until *until, int at_start) {
    avr_t *avr = s->avr;
    if (until && until->address == avr->pc && !at_start) {
        s->stop_now = SIM_STOP_ADDRESS;
        return;
    }
    reach_breakpoint(s);
    if (s->stop_now == SIM_STOP_CYCLES) {
        timing_enter(s, avr->pc);
        run_one(s);
    }
}

/* SRAM tells of its stores; registers and I/O change by themselves and are asked each time. */
static int asks_each_time(const sim *s) {
    return s->until && s->until->value_address < s->ram_start;
}

static void run_until_stopped(sim *s, const sim_until *until) {
    avr_t *const avr = s->avr;
    const int asks = asks_each_time(s), step = asks || s->registers_watched;
    const uint32_t pc_start = avr->pc;
    int at_start = 1;
    while (s->stop_now == SIM_STOP_CYCLES && avr->cycle < s->end) {
        if (avr->state == cpu_Running && !interrupts_come_first(s)) {
            if (avr->pc > avr->flashend) {
                fault(s, SIM_FAULT_PC, avr->pc);
                if (s->stop_now == SIM_STOP_FAULT) {
                    return;
                }
                profile_move(s, avr->pc, avr->pc % (avr->flashend + 1));
                avr->pc %= avr->flashend + 1;
            }
            s->at_watch = s->watched[avr->pc / 2] != 0;
            if (!s->at_watch) {
                at_start = 0;
                if (step) {
                    run_one(s);
                } else {
                    core_run(s);
                }
            }
            if (s->at_watch && !event_is_due(s)) {
                reach_watch(s, until, at_start);
                at_start = 0;
            }
        }
        if (s->stop_now != SIM_STOP_FAULT && s->stop_now != SIM_STOP_ADDRESS &&
            !is_at_breakpoint(s)) {
            const uint64_t before = avr->cycle;
            uint64_t *const between =
                avr->state == cpu_Sleeping ? &s->between.asleep : &s->between.interrupt_response;
            serve_events(s);
            *between += avr->cycle - before;
        }
        at_start = at_start && avr->pc == pc_start;
        if (asks && s->stop_now == SIM_STOP_CYCLES && value_holds(s)) {
            s->stop_now = SIM_STOP_VALUE;
        }
    }
}

/* Ready at once, or armed for the UART callback. */
static sim_stop arm(sim *s, const sim_until *until) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        s->uarts[u].stop_at = 0;
        if (ring_is_at_limit(&s->uarts[u].from_chip)) {
            return SIM_STOP_UART_FULL;
        }
    }
    if (until && until->uart_bytes) {
        sim_uart *uart = &s->uarts[until->uart % SIM_UARTS_MAX];
        if (uart->from_chip.count >= until->uart_bytes) {
            return SIM_STOP_UART_BYTES;
        }
        uart->stop_at = until->uart_bytes;
    }
    return SIM_STOP_CYCLES;
}

/* Stores to the value that the run waits for go the slow way, until await_value(s, NULL). */
static void await_value(sim *s, const sim_until *until) {
    const sim_until *const subject = until ? until : s->until;
    s->until = until && until->value_size ? until : NULL;
    for (uint32_t i = 0; subject && i < subject->value_size; i++) {
        attribute_update(s, (uint16_t)(subject->value_address + i));
    }
    if (s->until && value_holds(s)) {
        s->stop_now = SIM_STOP_VALUE;
    }
}

sim_stop sim_run(sim *s, uint64_t cycles_max, const sim_until *until) {
    if (s->fault.kind != SIM_FAULT_NONE) {
        return SIM_STOP_FAULT;
    }
    if (s->avr->state == cpu_Done) {
        return SIM_STOP_ENDED;
    }
    s->stop_now = arm(s, until);
    if (s->stop_now != SIM_STOP_CYCLES) {
        return s->stop_now;
    }
    uarts_pump(s);
    const uint64_t cycle = s->avr->cycle;
    s->end = cycles_max > INT64_MAX - cycle ? INT64_MAX : cycle + cycles_max;
    if (until && until->address >= 0) {
        watch(s, (uint32_t)until->address, 1);
    }
    await_value(s, until);
    run_until_stopped(s, until);
    await_value(s, NULL);
    if (until && until->address >= 0) {
        watch(s, (uint32_t)until->address, -1);
    }
    READ_SREG_INTO(s->avr, s->avr->data[R_SREG]);
    return s->stop_now;
}
