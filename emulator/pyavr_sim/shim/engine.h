/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine.h  the inside of a sim: what the files of this room share. */
#ifndef PYAVR_SIM_ENGINE_H
#define PYAVR_SIM_ENGINE_H

#include "decode.h"
#include "sim.h"

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>

enum {
    SIM_DATA_BYTES = 65536,
    SIM_GUARD_BYTES = 64, /* behind flash and data, so that a wide access at the end stays inside */
    SIM_UARTS_MAX = 4,
    SIM_PORTS_MAX = 12, /* 'A' to 'L' */
    SIM_ADC_CHANNELS = 8,
    SIM_TIMINGS_MAX = 64,
    SPM_PAGE_MAX = 256, /* bytes; that of the largest chips */
};

/* What a data address needs besides a plain load or store. */
enum {
    SLOW_READ = 1,  /* an I/O handler, out of range, or an SRAM byte not read so far */
    SLOW_WRITE = 2, /* the same for stores, and bytes that a run waits for */
};

/* sim_touched(), a byte a data address. */
enum { TOUCHED_READ = 1, TOUCHED_WRITTEN = 2 };

typedef struct {
    uint8_t *bytes;
    size_t capacity, first, count;
} ring;

typedef struct {
    sim *owner;
    avr_uart_t *port; /* NULL: the chip has no such UART */
    avr_irq_t *input;
    ring to_chip, from_chip;
    uint8_t written; /* to_chip got bytes since the last run began */
    size_t stop_at;  /* stop the run when from_chip holds so many; 0: never */
} sim_uart;

typedef struct {
    uint32_t address;
    uint8_t active;
    uint16_t sp_entry;
    uint64_t cycle_entry;
    sim_timing result;
} sim_function;

typedef struct flash_image flash_image;

struct sim {
    /* Pointers, what they point to, and what no run changes: snapshot.c knows each of them. */
    uint64_t serial; /* no other sim of this process has it */
    avr_t *avr;
    avr_run_t run_normal; /* avr->run, unless the watchdog has put its reset there */
    unsigned core_has;    /* CORE_MUL, CORE_JMP_CALL */
    uint32_t words;       /* of flash */
    insn *program;        /* (words + 1,) flash predecoded; the last is OP_end_of_flash */
    uint8_t *watched;     /* (words + 1,) how many want to know when this word is reached */
    uint8_t *attribute;   /* (SIM_DATA_BYTES,) SLOW_READ, SLOW_WRITE */
    uint32_t ram_start, ram_end;
    uint8_t *touched; /* (SIM_DATA_BYTES,) TOUCHED_READ, TOUCHED_WRITTEN */
    uint8_t *eeprom;
    flash_image *image; /* flash as the latest snapshot saw it, shared with it; or NULL */
    uint8_t *scratch;   /* where snapshots are packed, or NULL */

    uint8_t tracked;       /* the counters below are kept */
    uint64_t *taken;       /* (words,) times that the jump or skip at a word was taken */
    uint64_t *entered;     /* (words,) times that RET, ICALL, IJMP, an interrupt led to a word */
    uint64_t *last_access; /* (SIM_DATA_BYTES,) cycle << 16 | word address of the instruction */

    const sim_until *until;
    sim_uart uarts[SIM_UARTS_MAX];
    sim_function functions[SIM_TIMINGS_MAX];
    int functions_count;

    /* From here on plain values, which a snapshot copies as they lie: no pointers. */
    uint32_t static_end;
    uint16_t sp_lowest;
    uint16_t sp_checked;   /* pushes down to here were compared with static_end */
    uint8_t sp_halves;     /* 1: SPL was written and SPH not yet, 2: the other way round */
    uint16_t return_above; /* a RET that lifts SP above it ends a measured function */

    sim_stop stop_now; /* set by callbacks and faults; SIM_STOP_CYCLES: go on */
    uint8_t at_watch;  /* the executor stands before a watched word */
    uint64_t end;      /* cycle at which the run is over */
    uint8_t dozing;    /* the last run ended in the middle of a sleep */
    sim_fault fault;
    uint64_t resets;

    int8_t drive[SIM_PORTS_MAX][8]; /* -1: not driven */
    int32_t adc_millivolts[SIM_ADC_CHANNELS];

    char message[160];
};

static inline uint16_t stack_pointer(const avr_t *avr) {
    return (uint16_t)(avr->data[R_SPL] | avr->data[R_SPH] << 8);
}

/* chips.c: NULL and a reason in result when the chip cannot be had. */
avr_t *chip_make(const char *mcu, sim_result *result);

/* core.c: the instructions. */
void predecode(sim *s);
void predecode_range(sim *s, uint32_t first, uint32_t last); /* byte addresses */
void watch(sim *s, uint32_t address, int by);                /* +1: one more wants to know, -1 */
void attribute_update(sim *s, uint16_t address);
void core_run_lines(sim *s);      /* as many as fit before the next event */
void core_run_one(sim *s);        /* a watch on it does not count */
int core_must_step(const sim *s); /* lines cannot be run now */
void stack_pointer_written(sim *s, unsigned half, uint16_t before, uint16_t now);
void check_stack(sim *s, uint16_t to); /* a push is about to lower SP to `to` */
void fault(sim *s, sim_fault_kind kind, uint32_t address);

/* run.c */
int value_holds(const sim *s);

/* uart_ring.c */
int ring_is_at_limit(const ring *r);
int ring_reserve(ring *r, size_t count); /* room for so many in all, and one; 0: no memory */
void ring_replace(ring *r, const uint8_t *bytes, size_t count); /* room was reserved */
void ring_copy(const ring *r, uint8_t *bytes);                  /* all that waits, in order */
void uarts_attach(sim *s);
void uarts_free(sim *s);
void uarts_pump(sim *s);

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
