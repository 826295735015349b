/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes Python programs over the line into SRAM, verifies and runs them; contract/python.h says
 * how.
 *
 * A frame is received where the code so far ends, its header before that and its checksum behind:
 * so code needs no second buffer. What the header overwrites is put back. */
#include <avr/eeprom.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "chip/adc.h"
#include "chip/clock.h"
#include "chip/uart.h"
#include "contract/frame.h"
#include "contract/python.h"
#include "vm/verify.h"
#include "wire/crc16.h"
#include "wire/frame_receive.h"
#include "wire/frame_send.h"
#include "wire/line.h"

#include APP_CONFIG // cppcheck-suppress preprocessorErrorDirective

#define HEAD (sizeof(frame_header) + sizeof(uint16_t)) /* what stands before the bytes of code */
#define TAIL 4 /* the rest of a python_run, and the checksum, behind all the code there can be */

/* In EEPROM: a python_run, then the code. */
#define SIZE_AT ((uint16_t *)0)
#define CRC_AT ((uint16_t *)2)
#define SAVED_AT ((uint8_t *)sizeof(python_run))

/* Below what a program pushes: the machine's own returns, and the C of an emit() or read(). */
#define MACHINE_BYTES 44

#define OPCODE(name, kind, pushes, option) +1
enum {
    OPCODES =
#include "vm/opcodes.h"
};

/* The machine's side: start_in_sram.S, python_upload_machine.S. */
extern uint8_t vm_data[PYTHON_DATA_BYTES];
extern uint16_t python_noise;
extern const python_opcode python_opcodes[OPCODES]; /* in flash */
extern uint8_t __heap_start;
__attribute__((noreturn)) void python_begin(void);
__attribute__((noreturn)) void python_start(const uint8_t *code, uint16_t lowest_stack);
__attribute__((noreturn, OS_main)) void python_check(void);
__attribute__((noreturn, OS_main)) void python_stopped(uint8_t error, const uint8_t *pc);
void python_started(void);
void python_ask(void);
void python_emit(int16_t value);

/* What stands before the code is put back, too, when a first frame has overwritten it. */
static __attribute__((section(".noinit"))) struct {
    frame_header request; /* that is served, or has begun what runs */
    uint16_t loaded;      /* bytes of code */
    uint8_t code[PYTHON_CODE_BYTES];
    uint8_t tail[TAIL];
} memory;

_Static_assert(offsetof(typeof(memory), code) == HEAD, "a frame's code comes behind its header");

uint8_t line_is_full_duplex(void) {
    return 0;
}

line_byte line_get(void) {
    uart_byte got = uart_get();
    return (line_byte){got.value, got.lost};
}

void line_put(uint8_t byte) {
    uart_put(byte);
}

static void reply(const void *body, uint8_t size) {
    memory.request.command |= COMMAND_REPLY;
    frame_send(&memory.request, body, size);
}

static void refuse(uint8_t sequence, uint8_t error, uint16_t detail) {
    frame_header header = {sequence, COMMAND_ERROR};
    error_reply body = {error, detail};
    frame_send(&header, (const uint8_t *)&body, sizeof body);
}

/* ---- while a program runs ----------------------------------------------------------------- */

static void say(uint8_t command, const void *body, uint8_t size) {
    memory.request.command = command;
    reply(body, size);
}

void python_started(void) {
    say(COMMAND_PYTHON_RUN, 0, 0);
}

/* The machine itself takes the byte: so nothing waits on the stack meanwhile. */
void python_ask(void) {
    say(COMMAND_PYTHON_READ, 0, 0);
}

void python_emit(int16_t value) {
    say(COMMAND_PYTHON_EMIT, &value, sizeof value);
}

/* ---- requests ----------------------------------------------------------------------------- */

static uint16_t crc_of_code(void) {
    uint16_t crc = FRAME_CRC_INIT;
    for (uint16_t i = 0; i < memory.loaded; i++) {
        crc = crc16_update(crc, memory.code + i, 1);
    }
    return crc;
}

/* A program saved earlier, unless none is whole. */
static void load(void) {
    python_run saved;
    eeprom_read_block(&saved, SIZE_AT, sizeof saved);
    memory.loaded = 0;
    if (saved.size <= PYTHON_CODE_BYTES && saved.size <= E2END + 1 - sizeof saved) {
        eeprom_read_block(memory.code, SAVED_AT, saved.size);
        memory.loaded = saved.size;
        if (crc_of_code() != saved.crc) {
            memory.loaded = 0;
        }
    }
}

/* The table in flash, by way of the room for code, where none is yet. */
static void tell_opcodes(void) {
    _Static_assert(PYTHON_CODE_BYTES >= sizeof python_opcodes, "room for the table of opcodes");
    memcpy_P(memory.code, python_opcodes, sizeof python_opcodes);
    reply(memory.code, sizeof python_opcodes);
}

/* What was sent is what is here. */
static bool is_whole(uint16_t size, const uint8_t *crc_sent) {
    uint16_t crc = crc_of_code();
    return size == memory.loaded && (uint8_t)crc == crc_sent[0] &&
           (uint8_t)(crc >> 8) == crc_sent[1];
}

/* Do a request and answer it, or say which ERROR_ keeps from it. A run that begins does not come
 * back. word   the first two bytes of the body: an offset or a size rest   (count,) the others */
static uint8_t serve(uint16_t word, const uint8_t *rest, uint8_t count) {
    switch (memory.request.command) {
    case COMMAND_PYTHON_HELLO: {
        python_description description;
        description.data_bytes = PYTHON_DATA_BYTES;
        description.code_bytes = PYTHON_CODE_BYTES;
        description.opcodes = OPCODES;
        memory.loaded = 0;
        reply(&description, sizeof description);
        return 0;
    }
    case COMMAND_PYTHON_OPCODES:
        memory.loaded = 0;
        tell_opcodes();
        return 0;
    case COMMAND_PYTHON_LOAD:
        load();
        reply(&(python_run){memory.loaded, crc_of_code()}, sizeof(python_run));
        return 0;
    case COMMAND_PYTHON_CODE:
        if (word != memory.loaded || count > PYTHON_CODE_BYTES - memory.loaded) {
            return ERROR_BAD_RANGE;
        }
        memory.loaded += count;
        break;
    case COMMAND_PYTHON_DATA:
        if (word > PYTHON_DATA_BYTES || count > PYTHON_DATA_BYTES - word) {
            return ERROR_BAD_RANGE;
        }
        memcpy(vm_data + word, rest, count);
        break;
    case COMMAND_PYTHON_GLOBALS:
        if (count != 1 || word > PYTHON_DATA_BYTES || *rest > PYTHON_DATA_BYTES - word) {
            return ERROR_BAD_RANGE;
        }
        reply(vm_data + word, *rest);
        return 0;
    case COMMAND_PYTHON_RUN:
        if (count != 2 || !is_whole(word, rest)) {
            return ERROR_BAD_LENGTH;
        }
        python_begin();
    case COMMAND_PYTHON_SAVE:
        if (count != 2 || !is_whole(word, rest) || memory.loaded > E2END + 1 - sizeof(python_run)) {
            return ERROR_BAD_LENGTH;
        }
        eeprom_update_block(memory.code, SAVED_AT, memory.loaded);
        eeprom_update_word(SIZE_AT, memory.loaded);
        eeprom_update_block(rest, CRC_AT, FRAME_CRC_SIZE);
        break;
    default:
        return ERROR_UNKNOWN_COMMAND;
    }
    reply(0, 0);
    return 0;
}

/* Whether a frame is a request; else it is refused, if it is anything. */
static bool is_request(const uint8_t *payload, const frame_received *frame) {
    uint8_t fault = frame->fault == FRAME_LOST_BYTE ? ERROR_OVERRUN : ERROR_BAD_LENGTH;
    if (frame->fault == FRAME_WHOLE && frame->size >= FRAME_HEADER_SIZE + FRAME_CRC_SIZE) {
        const uint8_t *sent = payload + frame->size - FRAME_CRC_SIZE;
        if ((uint8_t)frame->crc == sent[0] && (uint8_t)(frame->crc >> 8) == sent[1]) {
            return true;
        }
        refuse(0, ERROR_BAD_CRC, frame->crc);
    } else if (frame->fault != FRAME_WHOLE || frame->size != 0) {
        refuse(0, fault, frame->size);
    }
    return false;
}

static void swap_bytes(uint8_t *a, uint8_t *b, uint8_t count) {
    while (count--) {
        uint8_t byte = *a;
        *a++ = *b;
        *b++ = byte;
    }
}

static void serve_frame(void) {
    uint8_t *payload = (uint8_t *)&memory + memory.loaded;
    uint16_t room = sizeof memory - memory.loaded;
    uint8_t head[HEAD];
    memcpy(head, payload, HEAD);
    frame_received frame =
        frame_receive(payload, room < FRAME_PAYLOAD_MAX ? room : FRAME_PAYLOAD_MAX);
    bool is_one = is_request(payload, &frame);
    swap_bytes(head, payload, HEAD);
    if (is_one) {
        memory.request = (frame_header){head[0], head[1]};
        uint8_t end = frame.size - FRAME_CRC_SIZE;
        uint16_t word = head[2] | (uint16_t)head[3] << 8;
        uint8_t error = serve(word, payload + HEAD, end < HEAD ? 0 : end - HEAD);
        if (error) {
            refuse(memory.request.sequence, error, word);
        }
    }
}

__attribute__((noreturn, OS_main, noinline)) static void serve_for_ever(void) {
    for (;;) {
        serve_frame();
    }
}

void python_check(void) {
    bytecode program = {memory.code, memory.loaded, PYTHON_DATA_BYTES, python_opcodes, OPCODES};
    verdict found = verify(&program);
    uint16_t lowest = (uint16_t)(uintptr_t)&__heap_start + found.function_bytes + MACHINE_BYTES;
    if (!found.is_harmless) {
        refuse(memory.request.sequence, ERROR_BAD_PROGRAM, found.offset);
    } else if (lowest + found.module_bytes > RAMEND) {
        refuse(memory.request.sequence, ERROR_NO_ROOM, found.function_bytes + found.module_bytes);
    } else {
        python_start(memory.code, lowest);
    }
    serve_for_ever();
}

void python_stopped(uint8_t error, const uint8_t *pc) {
    python_end end = {error, (uint16_t)(pc - memory.code)};
    say(COMMAND_PYTHON_ENDED, &end, sizeof end);
    serve_for_ever();
}

__attribute__((OS_main)) int main(void) {
    clock_full_speed();
    uart_start();
    adc_start();
    python_noise = 1;
    memset(vm_data, 0, PYTHON_DATA_BYTES);
    load();
    uart_put(FRAME_DELIMITER);
    serve_for_ever();
}
