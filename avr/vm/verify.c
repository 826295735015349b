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
    uint16_t at;               /* of the next instruction */
    uint16_t depth;            /* bytes pushed since the function's begin */
    uint16_t function : 15;    /* where the sizes of the function stand, 0 in the module */
    uint16_t is_fallen_to : 1; /* the instruction before goes on here */
} state;

typedef struct {
    uint8_t kind;
    int8_t pushes; /* words */
} meaning;

static bool look_up(const bytecode *program, uint8_t byte, meaning *found) {
    if (byte == ENTRY) {
        *found = (meaning){KIND_ENTRY, 0};
        return true;
    }
    const IN_FLASH python_opcode *opcode = (const IN_FLASH python_opcode *)program->opcodes;
    for (uint8_t i = program->opcode_count; i--; opcode++) {
        uint8_t number = byte >= FIRST_SHORT ? byte & 0xF0 : byte;
        if (opcode->number == number) {
            uint8_t kind = opcode->kind;
            found->kind = kind & 0x0F;
            found->pushes = (int8_t)((kind >> 4) - 1);
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
        *s = (state){s->at, 0, s->at - 2, true};
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
    *s = (state){0, 0, 0, true};
    meaning ignored;
    while (s->at < target) {
        if (!step(program, s, &ignored)) {
            return false;
        }
    }
    return s->at == target && target < program->size;
}

/* Bytes of the locals and arguments of the function. */
static uint16_t frame_of(const bytecode *program, const state *s) {
    const uint8_t *sizes = program->code + s->function;
    return s->function == 0 ? 0 : sizes[0] + sizes[1];
}

static bool is_variable(const bytecode *program, uint8_t number, const state *s) {
    return number & 1 ? number < frame_of(program, s) : number + 1U < program->data_bytes;
}

/* Where an instruction leads to besides the next one: for a call the byte before the sizes of its
 * function. Not below the size of the code where that is nowhere. */
static uint16_t target_of(const uint8_t *instruction, uint8_t kind, uint16_t behind) {
    switch (kind) {
    case KIND_LOOP:
        return behind - instruction[2];
    case KIND_LIMIT:
        return behind - instruction[3];
    case KIND_JUMP:
    case KIND_ALWAYS:
        return behind + (uint16_t)(int8_t)instruction[1];
    case KIND_FAR:
        return behind + (uint16_t)word_at(instruction);
    case KIND_CALL:
        return behind + (uint16_t)word_at(instruction) - 1;
    default:
        return UINT16_MAX;
    }
}

/* Does the way to `target` arrive where it should: at a function, or in this one with this depth?
 */
static bool is_reached(const bytecode *program, uint16_t target, uint8_t kind, const state *from) {
    state there;
    if (!walk(program, target, &there)) {
        return false;
    }
    bool is_entry = program->code[target] == ENTRY;
    if (kind == KIND_CALL) {
        return is_entry;
    }
    return !is_entry && there.function == from->function && there.depth == from->depth;
}

/* Do the variables, arrays and frames of an instruction lie in what is the program's? */
static bool is_within(const bytecode *program, const uint8_t *instruction, uint8_t kind,
                      const state *behind) {
    const uint8_t *operand = instruction + 1;
    uint16_t array = operand[0];
    switch (kind) {
    case KIND_SHORT:
        return is_variable(program, instruction[0] & 0x0F, behind);
    case KIND_VARIABLE:
    case KIND_LOOP:
    case KIND_LIMIT:
        return is_variable(program, operand[0], behind);
    case KIND_LIST:
        return !(array & 1) && array + 2 * operand[1] <= program->data_bytes;
    case KIND_BYTES:
        return !(array & 1) && array + operand[1] <= program->data_bytes;
    case KIND_FRAME:
        return behind->function != 0 && operand[0] == frame_of(program, behind);
    default:
        return true;
    }
}

/* Do the jumps and calls lead to where they may? */
static bool leads_well(const bytecode *program, const uint8_t *instruction, uint8_t kind,
                       const state *behind) {
    bool leads = kind >= KIND_JUMP && kind <= KIND_LIMIT;
    return !leads || is_reached(program, target_of(instruction, kind, behind->at), kind, behind);
}

verdict verify(const bytecode *program) {
    verdict result = {false, 0, 0, 0};
    state s = {0, 0, 0, true};
    do {
        meaning found;
        result.offset = s.at;
        const uint8_t *instruction = program->code + result.offset;
        if (!step(program, &s, &found) || !is_within(program, instruction, found.kind, &s) ||
            !leads_well(program, instruction, found.kind, &s)) {
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
