/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim.h  what Python sees of the engine: one emulated AVR chip on libsimavr, with a run loop of
 * our own that watches every instruction. No policy here: the binding reports, Python decides.
 *
 * Memory: sim_new allocates, sim_free frees; pointers handed out live until sim_free.
 * Threads: one chip must not be used by two threads at once; different chips may be. */
#ifndef PYAVR_SIM_SIM_H
#define PYAVR_SIM_SIM_H

#include <stddef.h>
#include <stdint.h>

/* The text between the two cdef marks is read by emulator/build_sim.py as it stands. */
/* cdef begin */
enum {
    SIM_RING_LIMIT = 16777216,  /* bytes that may wait on either side of a UART */
    SIM_FINDINGS_MAX = 1024,    /* kept; those after them are only counted */
    SIM_FRAMES_MAX = 32769,     /* calls in one another: each takes two bytes of 64 KiB */
    SIM_CALL_NODES_MAX = 16384, /* paths of calls; what comes after shares its caller's */
    SIM_CHANGES_MAX = 262144,   /* kept; those after them are only counted */
};

typedef struct sim sim;

typedef enum {
    SIM_OK,
    SIM_UNKNOWN_CHIP, /* no such name */
    SIM_UNSAFE_CHIP,  /* libsimavr crashes on it */
    SIM_WIDE_PC,      /* more than 128 KiB of flash: 22-bit program counter */
    SIM_NO_MEMORY,
} sim_result;

typedef enum {
    SIM_STOP_CYCLES,     /* cycles_max have passed */
    SIM_STOP_ENDED,      /* asleep, no interrupts, no watchdog: nothing can ever happen again */
    SIM_STOP_ADDRESS,    /* pc is at until.address */
    SIM_STOP_UART_BYTES, /* a UART holds until.uart_bytes unread bytes */
    SIM_STOP_VALUE,      /* the comparison of until.value_* holds */
    SIM_STOP_UART_FULL,  /* a UART's output ring is full: read it, then run on */
    SIM_STOP_FAULT,      /* see sim_last_fault */
    SIM_STOP_HIT,        /* a debugger's breakpoint or watched byte: see sim_last_hit */
} sim_stop;

typedef enum {
    SIM_FAULT_NONE,
    SIM_FAULT_READ,            /* data load above RAMEND, or a pop of an empty stack */
    SIM_FAULT_WRITE,           /* data store above RAMEND */
    SIM_FAULT_FLASH_READ,      /* LPM, ELPM beyond the end of flash */
    SIM_FAULT_FLASH_WRITE,     /* SPM beyond the end of flash */
    SIM_FAULT_ERASED_FLASH,    /* executed 0xFFFF */
    SIM_FAULT_ILLEGAL,         /* no instruction, or none of this chip's core */
    SIM_FAULT_PC,              /* pc beyond the end of flash */
    SIM_FAULT_STACK_COLLISION, /* a push, call or interrupt wrote below static_end */
    SIM_FAULT_UNINITIALISED,   /* load of an SRAM byte that nothing has written since power-up */
    SIM_FAULT_CRASHED,         /* libsimavr gave up; always a fault */
    SIM_FAULT_KINDS,
} sim_fault_kind;

/* What to do about a kind: stop the run, or write it down and go on, or only go on. Going on, a
 * load out of range gives 0 and a store there is lost, LPM and the program counter wrap at the end
 * of flash, SPM beyond it does nothing, 0xFFFF is SBRS r31,7 and what is no instruction a NOP. */
typedef enum { SIM_REACT_FAULT, SIM_REACT_RECORD, SIM_REACT_IGNORE } sim_reaction;

typedef struct {
    sim_fault_kind kind;
    uint32_t pc;      /* byte address of the instruction at fault, or that was interrupted */
    uint32_t address; /* data or flash byte address */
    uint64_t cycle;   /* when that instruction began */
} sim_fault;

/* A call that has not returned, or an interrupt. Words of flash, as the program counter has them.
 */
typedef struct {
    uint16_t sp;     /* below the return address: at the callee's first instruction */
    uint16_t site;   /* the CALL; the instruction that was interrupted */
    uint16_t callee; /* where it led: an interrupt's handler behind the vector's jump */
    uint16_t is_interrupt;
} sim_frame;

/* A path of calls. Words of flash; node 0, the start, has none. */
typedef struct {
    uint64_t calls;
    uint64_t cycles; /* in the function itself */
    uint32_t parent;
    uint16_t site; /* the CALL; meaningless for an interrupt, which may come anywhere */
    uint16_t callee;
    uint16_t is_interrupt;
} sim_call_node;

typedef enum {
    SIM_CHANGE_CALL,      /* subject: word of the callee; value: SP below the return address */
    SIM_CHANGE_INTERRUPT, /* the same */
    SIM_CHANGE_RETURN,    /* subject: calls still open; value: SP */
    SIM_CHANGE_SP,        /* value: both halves of SP were written */
    SIM_CHANGE_BYTE,      /* subject: data address; value: what was stored */
    SIM_CHANGE_PIN,       /* subject: 8 * port + pin; value: level */
} sim_change_kind;

/* cycle: behind the CALL or RET, at an interrupt's response, else when the instruction began. */
typedef struct {
    uint64_t cycle;
    uint32_t subject;
    uint16_t value;
    uint16_t kind; /* sim_change_kind */
} sim_change;

/* Cycles that belong to no instruction. */
typedef struct {
    uint64_t asleep;
    uint64_t interrupt_response;
    uint64_t halted; /* by EEPROM and flash, while an instruction asks for them */
} sim_cycles_between;

typedef struct {
    uint32_t flash_bytes;
    uint32_t ram_start; /* data address of the first SRAM byte */
    uint32_t ram_end;   /* data address of the last one (RAMEND) */
    uint32_t eeprom_bytes;
    uint32_t vector_bytes; /* per interrupt vector */
    uint32_t uarts;        /* bit n: UART n exists */
    uint32_t ports;        /* bit n: port 'A' + n exists */
    uint32_t has_adc;
    uint32_t has_mul;
    uint8_t signature[3];
} sim_description;

typedef enum { SIM_EQUAL, SIM_NOT_EQUAL, SIM_LESS, SIM_GREATER_EQUAL } sim_comparison;

/* What else than time stops a run. address < 0, uart_bytes == 0, value_size == 0: not asked. */
typedef struct {
    int64_t address; /* flash byte address; tested after at least one instruction */
    uint32_t uart;
    uint32_t uart_bytes;
    uint32_t value_address; /* data address, little endian */
    uint32_t value_size;    /* 1, 2 or 4 bytes */
    uint32_t value_signed;
    sim_comparison value_comparison;
    int64_t value;
} sim_until;

typedef enum {
    SIM_RULES_DATASHEET, /* interrupts, UARTs, EEPROM and SPM take the time that silicon takes */
    SIM_RULES_SIMAVR,    /* the time that libsimavr 1.6 gives them */
} sim_rules;

typedef struct {
    uint64_t calls; /* completed ones */
    uint64_t cycles_total;
    uint64_t cycles_min;
    uint64_t cycles_max;
} sim_timing;

/* Version of libsimavr that this was built against, e.g. "1.6". */
const char *sim_library_version(void);

/* Names that sim_new accepts, our own chips first; NULL after the last. */
const char *sim_chip_name(uint32_t index);
uint32_t sim_own_chips(void); /* how many of these names are of chips that libsimavr lacks */

/* Power up. SRAM and r0-r31 are filled from seed; hz is the CPU clock. */
sim_result sim_new(const char *mcu, uint32_t hz, uint64_t seed, sim **out);
/* Whose timing; before the first run. Without it: the datasheets'. */
void sim_set_rules(sim *s, sim_rules rules);
void sim_free(sim *s);
void sim_describe(const sim *s, sim_description *out);

/* Where execution starts after a reset, in bytes; also from now on. 0, or as fuse BOOTRST says. */
void sim_set_reset_address(sim *s, uint32_t address);
/* Pull the reset pin: I/O registers start over, SRAM, EEPROM and statistics stay. */
void sim_reset(sim *s);
/* Tell the engine that flash was written behind its back, from byte address first to last. */
void sim_flash_changed(sim *s, uint32_t first, uint32_t last);
/* First data address that .data, .bss and .noinit leave to the stack. */
void sim_set_static_end(sim *s, uint32_t data_address);

/* Run for at most cycles_max cycles; until may be NULL. After a fault: the fault again. */
sim_stop sim_run(sim *s, uint64_t cycles_max, const sim_until *until);
void sim_last_fault(const sim *s, sim_fault *out);

/* What was found so far, one entry a kind, pc and address; out has room for SIM_FINDINGS_MAX. */
void sim_set_reaction(sim *s, sim_fault_kind kind, sim_reaction reaction);
uint32_t sim_findings(const sim *s, sim_fault *out);
uint64_t sim_findings_dropped(const sim *s);

/* Whether to count every change of flow, stamp every access to data and keep a shadow call stack:
 * on at power-up. Switch it before the first run; what follows means something only while on. */
void sim_set_tracking(sim *s, int on);
/* (flash_bytes / 2,) each: executions of every word since power-up, the cycles they took, and how
 * often a branch or skip there was taken. */
void sim_profile(sim *s, uint64_t *hits, uint64_t *cycles, uint64_t *took,
                 sim_cycles_between *between);
/* Calls, outermost first, now or when SP was lowest; out has room for SIM_FRAMES_MAX. */
uint32_t sim_calls(const sim *s, sim_frame *out);
uint32_t sim_calls_deepest(const sim *s, sim_frame *out, uint32_t *pc, uint64_t *cycle);
/* The lowest SP from sim_stack_window on. */
void sim_stack_window(sim *s);
uint32_t sim_stack_window_lowest(const sim *s);
/* From begin to end, calls are summed up by path, and changes are written down: of the flow (calls,
 * returns, SP), and of levels (pins; bytes of SRAM that are watched). Needs tracking. A snapshot
 * does not hold it: restoring one goes on with what was recorded. What is read lives until the end.
 */
int sim_recording_begin(sim *s); /* 0: no memory */
void sim_recording_end(sim *s);
void sim_recording_watch(sim *s, uint32_t address, uint32_t size);
uint32_t sim_recording_calls(sim *s, const sim_call_node **nodes, uint64_t *merged);
uint32_t sim_recording_flow(const sim *s, const sim_change **changes, uint64_t *dropped);
uint32_t sim_recording_levels(const sim *s, const sim_change **changes, uint64_t *dropped);
/* (65536,) by data address: cycle << 16 | word of the instruction. Meaningful where touched. */
const uint64_t *sim_first_write(const sim *s);
const uint64_t *sim_last_access(const sim *s);
const uint16_t *sim_last_writer(const sim *s); /* word of the instruction */

uint64_t sim_cycle(const sim *s); /* cycles since power-up */
uint32_t sim_pc(const sim *s);    /* byte address */
void sim_set_pc(sim *s, uint32_t pc);
uint32_t sim_sp(const sim *s);
uint32_t sim_sreg(const sim *s);
void sim_set_sreg(sim *s, uint32_t sreg);
uint32_t sim_sp_lowest(const sim *s);  /* lowest SP so far, SPH/SPL transient left out */
uint64_t sim_resets(const sim *s);     /* by the watchdog */
uint64_t sim_interrupts(const sim *s); /* taken so far */
int sim_is_asleep(const sim *s);       /* after SLEEP, until an interrupt */
const char *sim_message(const sim *s); /* libsimavr's last warning or error, or "" */

uint8_t *sim_data(sim *s);    /* 64 KiB: registers, I/O, SRAM, then nothing */
uint8_t *sim_flash(sim *s);   /* flash_bytes */
uint8_t *sim_eeprom(sim *s);  /* eeprom_bytes, or NULL */
uint8_t *sim_touched(sim *s); /* 64 KiB: bit 0 an instruction or interrupt read it, bit 1 wrote */

/* UARTs: bytes wait in rings on both sides; nothing is lost. Counts of bytes are returned. */
size_t sim_uart_write(sim *s, uint32_t uart, const uint8_t *bytes, size_t count);
size_t sim_uart_read(sim *s, uint32_t uart, uint8_t *bytes, size_t count);
size_t sim_uart_peek(const sim *s, uint32_t uart, uint8_t *bytes, size_t count); /* all or none */
size_t sim_uart_pending(const sim *s, uint32_t uart); /* sent by the chip, unread */
size_t sim_uart_waiting(const sim *s, uint32_t uart); /* written, not yet in the chip */
size_t sim_uart_unread(const sim *s, uint32_t uart);  /* in the receiver, not yet taken from UDR */

/* The stop bit of a byte ends now: instead of sim_uart_write, for who keeps the times of a line. 0:
 * the receiver is off or full, and the byte is lost. */
enum { SIM_RECEIVER_KEEPS = 3 };
int sim_uart_arrive(sim *s, uint32_t uart, uint8_t byte);
uint32_t sim_uarts(const sim *s); /* bit n: UART n, or a line on pins, is there to be used */

/* Wire a serial port, 8N1, to two pins; it becomes the UART of the lowest free number, which is
 * returned, or one of the refusals. Part of a snapshot. */
enum {
    SIM_LINE_NO_PIN = -1,
    SIM_LINE_PIN_TAKEN = -2, /* by the line's other end or another line */
    SIM_LINE_BAUD = -3,      /* 0, or a bit of fewer cycles than SIM_LINE_BIT_CYCLES_MIN */
    SIM_LINE_NO_ROOM = -4,   /* every UART exists, or no memory */
    SIM_LINE_BIT_CYCLES_MIN = 4,
};
int sim_line_attach(sim *s, char rx_port, uint32_t rx_pin, char tx_port, uint32_t tx_pin,
                    uint32_t baud);
uint32_t sim_line_framing_errors(const sim *s, uint32_t uart); /* so far */

/* Millivolts. Channels 0-7 are what libsimavr has. */
void sim_set_supply(sim *s, uint32_t vcc, uint32_t avcc, uint32_t aref);
int sim_adc_set(sim *s, uint32_t channel, uint32_t millivolts); /* 0, or -1: no such channel */
void sim_supply(const sim *s, uint32_t *vcc, uint32_t *avcc, uint32_t *aref);
int sim_adc(const sim *s, uint32_t channel); /* millivolts; -1: none set, or no such channel */

/* level: 0, 1, or -1 to let go. Returns 0, or -1: no such port. */
int sim_pin_drive(sim *s, char port, uint32_t pin, int level);
int sim_pin_level(const sim *s, char port, uint32_t pin); /* 0 or 1, -1: no such port */

/* Measure the function at this flash byte address; a handle, or -1: 64 are measured already. */
int sim_timing_add(sim *s, uint32_t address);
void sim_timing_get(const sim *s, int handle, sim_timing *out);

/* A debugger's breakpoints, and bytes of the data space that it watches. Like until, they are no
 * part of a snapshot. */
typedef enum { SIM_HIT_NONE, SIM_HIT_BREAKPOINT, SIM_HIT_READ, SIM_HIT_WRITE } sim_hit_kind;
typedef enum {
    SIM_HITS_IGNORE, /* at power-up */
    SIM_HITS_STOP,   /* end the run; a breakpoint where it begins is passed */
    SIM_HITS_RECORD, /* only keep the latest */
} sim_hits;
typedef struct {
    sim_hit_kind kind;
    uint32_t pc;      /* of the instruction; it has not begun at a breakpoint, else it is done */
    uint32_t address; /* of data, or pc */
    uint64_t cycle;   /* when that instruction begins, or the interrupt that pushes */
} sim_hit;
void sim_break_at(sim *s, uint32_t address, int on); /* flash byte address */
void sim_watch_byte(sim *s, uint32_t address, int read, int write);
void sim_expect_hits(sim *s, sim_hits what); /* from now on; forgets the last hit */
void sim_last_hit(const sim *s, sim_hit *out);

/* Snapshots: all that a run changes, its statistics too; what observes (function timers, until,
 * watches) stays as it is. A snapshot may be freed after its sim, and by any thread. */
typedef struct sim_snapshot sim_snapshot;
sim_snapshot *sim_snapshot_take(sim *s); /* NULL: no memory */
typedef enum {
    SIM_RESTORED,
    SIM_NOT_OURS,          /* taken of another sim; nothing was changed */
    SIM_RESTORE_NO_MEMORY, /* nothing was changed */
} sim_restored;
sim_restored sim_snapshot_restore(sim *s, const sim_snapshot *snapshot);
void sim_snapshot_free(sim_snapshot *snapshot);
size_t sim_snapshot_bytes(const sim_snapshot *snapshot); /* flash counts in each that shares it */

/* All that decides what the chip will do, as bytes that hold no address of the host. At most
 * `capacity` bytes go to `out`; returns how many there are. */
size_t sim_state(const sim *s, uint8_t *out, size_t capacity);

/* Memory as it lies, pointers and all, for tests that a snapshot forgets nothing. part 0: values
 * and flags of libsimavr's signals, 1: the engine's plain values, 2: libsimavr's block, then the
 * engine's arrays; 0 bytes after the last. */
size_t sim_raw(sim *s, unsigned part, uint8_t *out, size_t capacity);
/* cdef end */

#endif
