/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine.h  the inside of a sim: what the files of this room share. */
#ifndef PYAVR_SIM_ENGINE_H
#define PYAVR_SIM_ENGINE_H

#include "decode.h"
#include "sim.h"

#include <simavr/avr_eeprom.h>
#include <simavr/avr_extint.h>
#include <simavr/avr_flash.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>

enum {
    SIM_DATA_BYTES = 65536,
    SIM_GUARD_BYTES = 64, /* behind flash and data, so that a wide access at the end stays inside */
    SIM_UARTS_MAX = 4,
    SIM_PORTS_MAX = 12, /* 'A' to 'L' */
    SIM_ADC_CHANNELS = 8,
    SIM_TIMINGS_MAX = 64,
    USART_HOOKS = 6,    /* UDR, UCSRA, UCSRB, UCSRC, UBRRL, UBRRH */
    SPM_PAGE_MAX = 256, /* bytes; that of the largest chips */
};

/* What a data address needs besides a plain load or store. */
enum {
    SLOW_READ = 1,  /* an I/O handler, out of range, or an SRAM byte not read so far */
    SLOW_WRITE = 2, /* the same for stores, and bytes that a run waits for */
};

/* sim_touched(), a byte a data address. */
enum { TOUCHED_READ = 1, TOUCHED_WRITTEN = 2, TOUCHED_FROM_OUTSIDE = 4 };

typedef struct {
    uint8_t *bytes;
    size_t capacity, first, count;
} ring;

/* A write handler of ours on an I/O register, and libsimavr's behind it. */
typedef struct {
    void *owner;
    avr_io_write_t behind; /* NULL: the write just stores */
    void *param;
} register_hook;

typedef struct {
    sim *owner;
    avr_uart_t *port; /* NULL: the chip has no such UART; a line on pins may stand in for it */
    avr_irq_t *input;
    ring to_chip, from_chip;
    uint8_t written; /* to_chip got bytes since the last run began */
    size_t stop_at;  /* stop the run when from_chip holds so many; 0: never */
    register_hook hooks[USART_HOOKS];
    uint8_t control_c, divisor_high; /* UCSRC and UBRRH where they share an address */
    avr_io_read_t read_behind;       /* of UDR, where arrivals.c reads before it; else NULL */
    void *read_param;
} sim_uart;

/* A serial port outside the chip, on two of its pins; plain values. */
typedef struct {
    uint32_t baud;         /* 0: there is none */
    char rx_port, tx_port; /* of the chip */
    uint8_t rx_pin, tx_pin;
    uint8_t to_bit, from_bit; /* the next to send, to sample */
    uint16_t to_frame, from_frame;
    uint64_t to_start, from_start; /* cycle of the start bit's fall */
    uint64_t to_due, from_due;     /* cycle of the next edge, sample; 0: none */
    uint64_t rests_from;           /* cycle from which the chip has not sent for a frame */
    uint32_t framing_errors;
} pin_line;

typedef struct {
    uint32_t address;
    uint8_t active;
    uint16_t sp_entry;
    uint64_t cycle_entry;
    sim_timing result;
} sim_function;

typedef struct flash_image flash_image;
typedef struct recording recording; /* recording.h */

struct sim {
    /* Pointers, what they point to, and what no run changes: snapshot.c knows each of them. */
    uint64_t serial; /* no other sim of this process has it */
    avr_t *avr;
    avr_run_t run_normal; /* avr->run, unless the watchdog has put its reset there */
    unsigned core_has;    /* CORE_MUL, CORE_JMP_CALL */
    uint32_t words;       /* of flash */
    insn *program;        /* (words + 2,) flash predecoded; the last are OP_end_of_flash */
    uint8_t *watched;     /* (words + 2,) how many want to know when this word is reached */
    uint8_t *attribute;   /* (SIM_DATA_BYTES,) SLOW_READ, SLOW_WRITE */
    uint32_t ram_start, ram_end;
    uint8_t *touched; /* (SIM_DATA_BYTES,) TOUCHED_READ, TOUCHED_WRITTEN */
    uint8_t *eeprom;
    flash_image *image; /* flash as the latest snapshot saw it, shared with it; or NULL */
    uint8_t *scratch;   /* where snapshots are packed, or NULL */

    uint8_t tracked; /* the counters below are kept */
    uint8_t *room;   /* the following and what was found lie in it: room.c */
    size_t room_bytes;
    uint64_t *taken;      /* (words + 2,) times that the jump or skip at a word was taken */
    uint64_t *entered;    /* (words + 2,) times that RET, ICALL, IJMP, an interrupt led to a word */
    uint64_t *flow;       /* (words + 2,) room for profile.c to count in */
    uint64_t *hits;       /* (words,) what was counted before the flash last changed */
    uint64_t *hit_cycles; /* (words,) */
    uint64_t *took;       /* (words,) of branches and skips */
    uint64_t *last_access; /* (SIM_DATA_BYTES,) cycle << 16 | word address of the instruction */
    uint64_t *first_write; /* (SIM_DATA_BYTES,) the same */
    uint16_t *last_writer; /* (SIM_DATA_BYTES,) word address of the instruction */

    sim_frame *frames;    /* (SIM_FRAMES_MAX + 1,) calls in progress; the first only bounds them */
    sim_frame *deepest;   /* (SIM_FRAMES_MAX,) those when SP was lowest */
    recording *recording; /* NULL: none goes on */

    uint64_t seed; /* of what SRAM held at power-up */
    uint8_t reactions[SIM_FAULT_KINDS];
    sim_fault *findings;      /* (SIM_FINDINGS_MAX,) */
    uint16_t *findings_index; /* hash table into findings, from 1 */

    sim_rules rules;             /* whose timing */
    avr_eeprom_t *eeprom_port;   /* NULL: none */
    avr_flash_t *flash_port;     /* NULL: no SPM */
    avr_extint_t *external_port; /* NULL: no INTn */
    register_hook eeprom_hook, flash_hook;
    register_hook external_hooks[EXTINT_COUNT][2]; /* enable bits, mode */
    avr_flash_t tiny_flash;                        /* unused where libsimavr has one */

    uint8_t *breakpoints;   /* (words + 2,) 1: there is one */
    uint8_t *watched_bytes; /* (SIM_DATA_BYTES,) SLOW_READ, SLOW_WRITE: accesses that are hits */
    int registers_watched;  /* how many of them are r0-r31, SP and SREG */
    sim_hits hits_wanted;
    uint64_t breakpoints_from; /* cycle before which they do not count */
    sim_hit hit;

    const sim_until *until;
    sim_uart uarts[SIM_UARTS_MAX];
    sim_function functions[SIM_TIMINGS_MAX];
    int functions_count;

    /* From here on plain values, which a snapshot copies as they lie; frame points into frames. */
    sim_frame *frame; /* the innermost */
    uint32_t deepest_count, deepest_pc;
    uint64_t deepest_cycle;
    uint32_t findings_count;
    uint64_t findings_dropped;
    uint64_t folded_at; /* cycle */
    sim_cycles_between between;
    uint8_t asleep;      /* the wake-up has not been paid for */
    uint8_t programming; /* an SPM goes on while the firmware runs */
    uint32_t static_end;
    uint16_t sp_lowest;
    uint16_t sp_window;    /* the lowest since sim_stack_window; 0: nobody asks */
    uint16_t sp_checked;   /* pushes down to here are no news */
    uint16_t sp_compared;  /* pushes down to here were compared with static_end */
    uint8_t sp_halves;     /* 1: SPL was written and SPH not yet, 2: the other way round */
    uint16_t return_above; /* a RET that lifts SP above it ends a measured function */

    sim_stop stop_now; /* set by callbacks and faults; SIM_STOP_CYCLES: go on */
    uint8_t at_watch;  /* the executor stands before a watched word */
    uint64_t end;      /* cycle at which the run is over */
    sim_fault fault;
    uint64_t resets, interrupts;

    int8_t drive[SIM_PORTS_MAX][8]; /* -1: not driven */
    int32_t adc_millivolts[SIM_ADC_CHANNELS];
    pin_line lines[SIM_UARTS_MAX]; /* of uarts[] without a port */

    char message[160];
};

static inline uint16_t stack_pointer(const avr_t *avr) {
    return (uint16_t)(avr->data[R_SPL] | avr->data[R_SPH] << 8);
}

/* What avr_has_pending_interrupts says, without the call. */
static inline int has_pending_interrupts(const avr_t *avr) {
    return avr->interrupts.pending.read != avr->interrupts.pending.write;
}

/* chips.c: NULL and a reason in result when the chip cannot be had. */
avr_t *chip_make(const char *mcu, sim_result *result);

/* core.c: the instructions. */
void predecode(sim *s);
void predecode_range(sim *s, uint32_t first, uint32_t last); /* byte addresses */
void watch(sim *s, uint32_t address, int by);                /* +1: one more wants to know, -1 */
void attribute_update(sim *s, uint16_t address);
void core_run(sim *s);     /* to the next event or watch */
void core_run_one(sim *s); /* a watch on it does not count */
void stack_pointer_written(sim *s, unsigned half, uint16_t before, uint16_t now);
void check_stack(sim *s, uint16_t to);                     /* a push is about to lower SP to `to` */
void fault(sim *s, sim_fault_kind kind, uint32_t address); /* as the policy says: see stop_now */
void note_write(sim *s, uint16_t address, uint64_t stamp); /* cycle << 16 | word */

/* findings.c */
int findings_add(sim *s, const sim_fault *found);
int was_written_from_outside(const sim *s, uint16_t address);
uint8_t power_up_byte(uint64_t seed, uint32_t index);

/* calls.c: the shadow call stack. Frames are left by SP, so that longjmp and a switch of stacks
 * leave them too. */
void calls_forget(sim *s);
void calls_capture(sim *s);

/* call_tree.c, recording.c: only while a recording goes on. */
void recording_entered(sim *s, uint64_t cycle); /* the innermost frame is new */
void recording_left(sim *s, uint64_t cycle, uint16_t sp);
void recording_resumed(sim *s); /* find the nodes of the open calls */
void recording_sp(sim *s, uint16_t sp);
void recording_stored(sim *s, uint16_t address, uint8_t value);
int recording_watches(const sim *s, uint16_t address);
void recording_pins(sim *s);

/* cycle: behind the RET. */
static inline void calls_leave(sim *s, uint16_t sp, uint64_t cycle) {
    if (s->frame->sp < sp) {
        do {
            s->frame--;
        } while (s->frame->sp < sp);
        if (__builtin_expect(s->recording != NULL, 0)) {
            recording_left(s, cycle, sp);
        }
    }
}

/* sp: before the return address is pushed. cycle: behind the CALL. */
static inline void calls_enter(sim *s, uint16_t sp, sim_frame callee, uint64_t cycle) {
    calls_leave(s, sp, cycle);
    if (s->frame < s->frames + SIM_FRAMES_MAX) {
        *++s->frame = callee;
        if (__builtin_expect(s->recording != NULL, 0)) {
            recording_entered(s, cycle);
        }
    }
}

/* room.c */
int room_make(sim *s); /* 0: no memory */
void room_free(sim *s);

/* profile.c */
void profile_fold(sim *s); /* before the program or what it counts changes */
void profile_move(sim *s, uint32_t from, uint32_t to); /* pc was moved by no instruction */

/* tiny_flash.c: self-programming where libsimavr has none. */
void tiny_flash_attach(sim *s);

/* The CPU stands still. */
static inline void halt(sim *s, uint64_t cycles) {
    s->avr->cycle += cycles;
    s->between.halted += cycles;
}

/* breakpoints.c */
void hit(sim *s, sim_hit found); /* a run ends after it, or goes on, as the debugger wants */
void hit_by_interrupt(sim *s, uint16_t sp, uint32_t pc, uint64_t cycle); /* as it came */
void reach_breakpoint(sim *s);           /* pc is at a watched word */
int is_at_breakpoint(const sim *s);      /* the run ends there */
void run_one_watching_registers(sim *s); /* core_run_one, and what it did to them */

/* run.c */
int value_holds(const sim *s);

/* uart_ring.c */
int ring_is_at_limit(const ring *r);
int ring_reserve(ring *r, size_t count); /* room for so many in all, and one; 0: no memory */
void ring_replace(ring *r, const uint8_t *bytes, size_t count); /* room was reserved */
void ring_copy(const ring *r, uint8_t *bytes);                  /* all that waits, in order */
uint8_t ring_take(ring *r);                                     /* one waits */
void uarts_attach(sim *s);
void uart_received(sim_uart *uart, uint8_t byte); /* from the chip */
void uarts_free(sim *s);
void uarts_pump(sim *s);

/* pin_line.c */
void pin_line_pump(sim_uart *uart); /* to_chip got bytes */
void pin_lines_reset(sim *s);

/* register_hook.c */
void hook_register(register_hook *hook, avr_t *avr, avr_io_addr_t address, avr_io_write_t handler,
                   void *owner);
void hook_pass_on(const register_hook *hook, avr_t *avr, avr_io_addr_t address, uint8_t value);

/* interrupts.c */
void interrupts_serve(sim *s);           /* take one if it is its time */
void interrupts_return(sim *s);          /* RETI was executed */
int interrupts_come_first(const sim *s); /* before the next instruction */
void fall_asleep(sim *s);
void wake_up(sim *s);

/* external_interrupts.c */
void external_interrupts_attach(sim *s);
void external_interrupts_reset(sim *s); /* before pins move */
void external_interrupts_raise_levels(sim *s);

/* usart.c, eeprom.c, selfprogram.c: peripherals with the datasheets' timing. */
void usart_attach(sim_uart *uart);
void usarts_reset(sim *s);
void usarts_raise_levels(sim *s);
void eeprom_attach(sim *s);
void eeprom_raise_level(sim *s);
void selfprogram_attach(sim *s);
void program_flash(sim *s, uint32_t z); /* SPM; z is in flash */

/* sim.c: it is on, and raises no interrupt instead. */
int watchdog_will_reset(avr_t *avr);

/* ports.c: drive the outside of the chip anew after a reset. */
void ports_restore(sim *s);

/* snapshot.c */
void flash_image_release(flash_image *image);

/* timing.c */
void timing_enter(sim *s, uint32_t pc);
void timing_leave(sim *s);
void timing_abandon(sim *s);

/* sim.c: what follows any reset, by pin or watchdog. */
void after_reset(sim *s);

#endif
