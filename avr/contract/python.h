/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a chip that runs uploaded Python programs; frame.h has their outer form and the
 * errors.
 *
 * A program comes in order: PYTHON_CODE from offset 0 on, then PYTHON_RUN. The chip answers that
 * with an empty reply or an error, and from then on it speaks by itself, each frame with the number
 * of the request: a PYTHON_EMIT for each emit(), a PYTHON_READ for each read(), which is answered
 * by one bare byte, and a PYTHON_ENDED, after which it listens again. Globals stay from run to run.
 */
#ifndef CONTRACT_PYTHON_H
#define CONTRACT_PYTHON_H

#include <stdint.h>

#define COMMAND_PYTHON_HELLO 0x20   /* {} -> python_description; forgets the program's code */
#define COMMAND_PYTHON_OPCODES 0x21 /* {} -> python_opcode[opcodes], as in vm/opcodes.h */
#define COMMAND_PYTHON_CODE 0x22    /* offset u16, u8[] -> {}; at the end of the code so far */
#define COMMAND_PYTHON_DATA 0x23    /* offset u16, u8[] -> {}; into the globals */
#define COMMAND_PYTHON_GLOBALS 0x24 /* read_request -> u8[count] of the globals */
#define COMMAND_PYTHON_RUN 0x25     /* python_run -> {}, then as above */
#define COMMAND_PYTHON_SAVE 0x26    /* python_run -> {}; the code into EEPROM */
#define COMMAND_PYTHON_LOAD 0x27    /* {} -> python_run of the code that came from EEPROM */
#define COMMAND_PYTHON_EMIT 0x28    /* i16 */
#define COMMAND_PYTHON_READ 0x29    /* {} */
#define COMMAND_PYTHON_ENDED 0x2A   /* python_end */

#define ERROR_BAD_PROGRAM 0x20 /* offset of the instruction that could do harm */
#define ERROR_NO_ROOM 0x21     /* bytes of stack that the program wants */

#pragma pack(push, 1)

typedef struct {
    uint16_t data_bytes; /* room for globals */
    uint16_t code_bytes; /* room for code */
    uint8_t opcodes;
} python_description;

typedef struct {
    uint8_t number; /* in code */
    uint8_t kind;   /* of its operands, in the order of vm/opcodes.h; and 16 x (words pushed + 1) */
} python_opcode;

typedef struct {
    uint16_t size; /* bytes of code */
    uint16_t crc;  /* over them, as over a frame */
} python_run;

typedef struct {
    uint8_t error;       /* a failure_kind of vm/failure.h */
    uint16_t stopped_at; /* pc: behind the opcode, or behind operands that were passed */
} python_end;

#pragma pack(pop)

#endif
