/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is bytecode harmless? Then whatever it computes, it writes to its own globals, items, locals and
 * stack, and nowhere else. */
#ifndef VM_VERIFY_H
#define VM_VERIFY_H

/* The kinds of operands; opcodes.h says what each means. */
#define KIND_NONE 0
#define KIND_BYTE 1
#define KIND_WORD 2
#define KIND_VARIABLE 3
#define KIND_JUMP 4
#define KIND_ALWAYS 5
#define KIND_FAR 6
#define KIND_CALL 7
#define KIND_LOOP 8
#define KIND_LIMIT 9
#define KIND_LIST 10
#define KIND_BYTES 11
#define KIND_FRAME 12
#define KIND_SHORT 13
#define KIND_END 14
#define KIND_SWAP 15

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#include "contract/python.h"

typedef struct {
    const uint8_t *code; /* (size,) */
    uint16_t size;
    uint16_t data_bytes;          /* of its globals */
    const python_opcode *opcodes; /* (opcode_count,), in flash on the chip */
    uint8_t opcode_count;
} bytecode;

typedef struct {
    bool is_harmless;
    uint16_t offset;         /* where not: of the instruction */
    uint16_t module_bytes;   /* the deepest stack of the module */
    uint16_t function_bytes; /* the most that a function adds, from its call on */
} verdict;

/* Every jump of the code leads to an instruction of the same function with the same depth of stack,
 * every call to the begin of a function with its arguments on the stack; nothing is popped that was
 * not pushed; every variable and array lies in the globals or the frame; and no way leads past the
 * end. Time grows with the square of the size, memory not at all. */
verdict verify(const bytecode *program);

#endif
#endif
