/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every instruction: OPCODE(name, kind of its operands, words that it pushes, option).
 *
 * The host reads this file for what the compiler, the verifier and the disassembler must know; an
 * uploadable machine makes the table for verify.c of it. The numbers of the opcodes are those of
 * the linked image. A machine without VM_ and the option lacks the instruction; ALL have it.
 *
 *   kind  NONE      no operand
 *         BYTE      a signed byte
 *         WORD      a signed word
 *         VARIABLE  the number of a variable (variables.S)
 *         JUMP      signed byte, from behind it
 *         ALWAYS    the same; the next instruction is not fallen to
 *         FAR       the same with a signed word
 *         CALL      signed word, from behind it: to the sizes of a function
 *         LOOP      VARIABLE, then a byte: how far back, from behind it
 *         LIMIT     VARIABLE, the stop of a range, 0..255, then as LOOP
 *         LIST      number of the first word of an array, its length
 *         BYTES     the same of a bytearray
 *         FRAME     bytes of locals and arguments; the next instruction is not fallen to
 *         SHORT     none: the opcode and the next 15 hold the number of a variable
 *         END       none; the next instruction is not fallen to
 *         SWAP      none; wants a word on the stack
 *
 * Before a function stand a byte 0, which is no opcode, and its sizes: bytes of locals, of
 * arguments.
 */
OPCODE(constant_zero, NONE, 0, ALL)
OPCODE(constant_one, NONE, 0, ALL)
OPCODE(constant, BYTE, 0, ALL)
OPCODE(push_constant, BYTE, 1, ALL)
OPCODE(constant_word, WORD, 0, WORDS)
OPCODE(load, VARIABLE, 0, NUMBERS)
OPCODE(push_load, VARIABLE, 1, NUMBERS)
OPCODE(load_short, SHORT, 0, ALL)
OPCODE(push_load_short, SHORT, 1, ALL)
OPCODE(store_short, SHORT, 0, ALL)
OPCODE(push, NONE, 1, ALL)
OPCODE(store, VARIABLE, 0, NUMBERS)
OPCODE(jump_if_zero, JUMP, 0, ALL)
OPCODE(jump_if_nonzero, JUMP, 0, NONZERO)
OPCODE(jump, ALWAYS, 0, ALL)
OPCODE(jump_far, FAR, 0, FAR)
OPCODE(call, CALL, 0, CALLS)
OPCODE(return, FRAME, 0, CALLS)
OPCODE(for_next, LOOP, 0, FOR)
OPCODE(for_below, LIMIT, 0, FOR)
OPCODE(halt, END, 0, ALL)
OPCODE(load_item, LIST, 0, LISTS)
OPCODE(load_byte, BYTES, 0, BYTES)
OPCODE(negate, NONE, 0, NEGATE)
OPCODE(abs, NONE, 0, NEGATE)
OPCODE(read, NONE, 0, READ)
OPCODE(emit, NONE, 0, EMIT)
OPCODE(adc, NONE, 0, ADC)
OPCODE(random, NONE, 0, RANDOM)
OPCODE(seed, NONE, 0, RANDOM)
OPCODE(pin, NONE, 0, PINS)
OPCODE(jump_if_equal, JUMP, -1, EQUAL)
OPCODE(jump_if_unequal, JUMP, -1, ALL)
OPCODE(jump_if_greater, JUMP, -1, GREATER)
OPCODE(jump_if_less, JUMP, -1, ALL)
OPCODE(jump_if_not_greater, JUMP, -1, ALL)
OPCODE(jump_if_not_less, JUMP, -1, ALL)
OPCODE(max, NONE, -1, MIN_MAX)
OPCODE(min, NONE, -1, MIN_MAX)
OPCODE(add, NONE, -1, ALL)
OPCODE(subtract, NONE, -1, ALL)
OPCODE(and, NONE, -1, AND)
OPCODE(or, NONE, -1, OR)
OPCODE(xor, NONE, -1, XOR)
OPCODE(shift_left, NONE, -1, SHIFTS)
OPCODE(shift_right, NONE, -1, SHIFTS)
OPCODE(multiply, NONE, -1, MULTIPLY)
OPCODE(floor_divide, NONE, -1, DIVIDE)
OPCODE(modulo, NONE, -1, MODULO)
OPCODE(store_item, LIST, -1, LISTS)
OPCODE(store_byte, BYTES, -1, BYTES)
OPCODE(swap, SWAP, 0, SWAP)
OPCODE(set_pin, NONE, -1, PINS)
