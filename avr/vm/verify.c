/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The depth of the stack at an instruction is what the text before it pushed and popped: the
 * compiler never jumps past a push alone. So a walk from the begin finds the state at any offset,
 * and where a jump leads is looked at by another walk. */
#include "vm/verify.h"

#ifdef __AVR__
#define IN_FLASH __flash
#else
#define IN_FLASH
#endif

#define ENTRY 0       /* no opcode: what stands before the sizes of a function */
#define KIND_ENTRY 16 /* that, with them */
#define CALL_BYTES 4  /* pc and frame of the caller, on the stack */
#define FIRST_SHORT 0xD0

typedef struct {
    uint16_t at;       /* of the next instruction */
    uint16_t function; /* where the sizes of the function stand, 0 in the module */
    uint16_t frame;    /* bytes of its locals and arguments */
    uint16_t depth;    /* bytes pushed since its begin */
    bool is_fallen_to; /* the instruction before goes on here */
} state;

typedef struct {
    uint8_t kind;
    int8_t pushes;  /* words */
    uint8_t number; /* of the variable of a short form */
} meaning;

static bool look_up(const bytecode *program, uint8_t byte, meaning *found) {
    if (byte == ENTRY) {
        *found = (meaning){KIND_ENTRY, 0, 0};
        return true;
    }
    const IN_FLASH python_opcode *opcode = (const IN_FLASH python_opcode *)program->opcodes;
    for (uint8_t i = program->opcode_count; i--; opcode++) {
        uint8_t number = byte >= FIRST_SHORT ? byte & 0xF0 : byte;
        if (opcode->number == number) {
            uint8_t kind = opcode->kind;
            found->kind = kind & 0x0F;
            found->pushes = (int8_t)((kind >> 4) - 1);
            found->number = byte & 0x0F;
            return true;
        }
    }
    return false;
}

static const IN_FLASH uint8_t size_of_kind[] = {
    [KIND_NONE] = 1,   [KIND_BYTE] = 2,  [KIND_WORD] = 3,  [KIND_VARIABLE] = 2, [KIND_JUMP] = 2,
    [KIND_ALWAYS] = 2, [KIND_FAR] = 3,   [KIND_CALL] = 3,  [KIND_LOOP] = 3,     [KIND_LIMIT] = 4,
    [KIND_LIST] = 3,   [KIND_BYTES] = 3, [KIND_FRAME] = 2, [KIND_SHORT] = 1,    [KIND_END] = 1,
    [KIND_SWAP] = 1,   [KIND_ENTRY] = 3,
};

/* The signed word behind an opcode. */
static int16_t word_at(const uint8_t *instruction) {
    return (int16_t)(instruction[1] | (uint16_t)instruction[2] << 8);
}

/* Over the next instruction, or the sizes of a function. False where there is none, where it is cut
 * off by the end, pops what was not pushed, or is a function that is fallen into. */
static bool step(const bytecode *program, state *s, meaning *found) {
    const uint8_t *code = program->code;
    if (s->at >= program->size || !look_up(program, code[s->at], found)) {
        return false;
    }
    uint8_t size = size_of_kind[found->kind];
    if (program->size - s->at < size) {
        return false;
    }
    const uint8_t *instruction = code + s->at;
    s->at += size;
    if (found->kind == KIND_ENTRY) {
        bool is_apart = !s->is_fallen_to;
        *s = (state){s->at, s->at - 2, instruction[1] + instruction[2], 0, true};
        return is_apart;
    }
    if (s->depth < 2 && (found->pushes < 0 || found->kind == KIND_SWAP)) {
        return false;
    }
    s->depth += 2 * found->pushes;
    if (found->kind == KIND_CALL) {
        /* Its sizes are read where they should be: whether they are, `verify` looks. */
        uint16_t entry = s->at + (uint16_t)word_at(instruction);
        uint8_t arguments = entry + 1 < program->size ? code[entry + 1] : 0;
        if (arguments > s->depth) {
            return false;
        }
        s->depth -= arguments;
    }
    s->is_fallen_to = found->kind != KIND_ALWAYS && found->kind != KIND_FAR &&
                      found->kind != KIND_FRAME && found->kind != KIND_END;
    return true;
}

/* Walk from the begin to where an instruction at `target` would be next. */
static bool walk(const bytecode *program, uint16_t target, state *s) {
    *s = (state){0, 0, 0, 0, true};
    meaning ignored;
    while (s->at < target) {
        if (!step(program, s, &ignored)) {
            return false;
        }
    }
    return s->at == target && target < program->size;
}

static bool is_reached_alike(const bytecode *program, uint16_t target, const state *from) {
    state s;
    return walk(program, target, &s) && program->code[target] != ENTRY &&
           s.function == from->function && s.depth == from->depth;
}

static bool is_function(const bytecode *program, uint16_t sizes) {
    state s;
    return sizes != 0 && walk(program, sizes - 1, &s) && program->code[sizes - 1] == ENTRY;
}

static bool is_variable(const bytecode *program, uint8_t number, const state *s) {
    return number & 1 ? number < s->frame : number + 1U < program->data_bytes;
}

/* An instruction whose operands are there: do they lead out of what is the program's? */
static bool is_within(const bytecode *program, const uint8_t *instruction, const meaning *found,
                      const state *behind) {
    const uint8_t *operand = instruction + 1;
    uint16_t array = operand[0];
    switch (found->kind) {
    case KIND_SHORT:
        return is_variable(program, found->number, behind);
    case KIND_VARIABLE:
        return is_variable(program, operand[0], behind);
    case KIND_LOOP:
        return is_variable(program, operand[0], behind) &&
               is_reached_alike(program, behind->at - operand[1], behind);
    case KIND_LIMIT:
        return is_variable(program, operand[0], behind) &&
               is_reached_alike(program, behind->at - operand[2], behind);
    case KIND_LIST:
        return !(array & 1) && array + 2 * operand[1] <= program->data_bytes;
    case KIND_BYTES:
        return !(array & 1) && array + operand[1] <= program->data_bytes;
    case KIND_JUMP:
    case KIND_ALWAYS:
        return is_reached_alike(program, behind->at + (uint16_t)(int8_t)operand[0], behind);
    case KIND_FAR:
        return is_reached_alike(program, behind->at + (uint16_t)word_at(instruction), behind);
    case KIND_CALL:
        return is_function(program, behind->at + (uint16_t)word_at(instruction));
    case KIND_FRAME:
        return behind->function != 0 && operand[0] == behind->frame;
    default:
        return true;
    }
}

verdict verify(const bytecode *program) {
    verdict result = {false, 0, 0, 0};
    state s = {0, 0, 0, 0, true};
    do {
        meaning found;
        result.offset = s.at;
        if (!step(program, &s, &found) ||
            !is_within(program, program->code + result.offset, &found, &s)) {
            return result;
        }
        if (s.function == 0) {
            if (s.depth > result.module_bytes) {
                result.module_bytes = s.depth;
            }
        } else {
            uint16_t bytes = program->code[s.function] + CALL_BYTES + s.depth;
            if (bytes > result.function_bytes) {
                result.function_bytes = bytes;
            }
        }
    } while (s.at < program->size);
    result.is_harmless = !s.is_fallen_to;
    return result;
}
