# SPDX-License-Identifier: GPL-3.0-or-later
"""Is bytecode harmless? The rules of avr/vm/verify.c, with words.

The depth of the stack at an instruction is what the text before it pushed and popped: the compiler
never jumps past a push alone. So one walk finds the state at each offset, and every jump must lead
to an instruction of its own function where the stack is as deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kilolearn.errors import BytecodeError
from kilolearn.python_subset.instructions import ENTRY, Opcode, Operands, opcodes
from kilolearn.python_subset.stack_depth import CALL_BYTES

__all__ = ["FIRST_SHORT", "Depths", "verify"]

FIRST_SHORT = 0xD0
"""From here on an opcode holds the number of a variable in its lower half."""


@dataclass(frozen=True)
class Depths:
    """The stack that a program wants.

    Attributes:
        module_bytes: The most that the module pushes.
        function_bytes: The most that a function adds, from its call on.
    """

    module_bytes: int
    function_bytes: int


@dataclass(frozen=True)
class _State:
    """What is known before an instruction.

    Attributes:
        function: Offset of the sizes of the function, 0 in the module.
        frame: Bytes of its locals and arguments.
        depth: Bytes pushed since its begin.
        is_fallen_to: The instruction before goes on here.
    """

    function: int = 0
    frame: int = 0
    depth: int = 0
    is_fallen_to: bool = True


@dataclass(frozen=True)
class _Step:
    """An instruction and the state behind it."""

    at: int
    opcode: Opcode
    byte: int
    operands: bytes
    before: _State
    after: _State

    @property
    def end(self) -> int:
        return self.at + self.opcode.size

    @property
    def word(self) -> int:
        """The operands as a signed word."""
        return int.from_bytes(self.operands, "little", signed=True)


def verify(code: bytes, numbers: Mapping[str, int], data_bytes: int) -> Depths:
    """Refuse code that could do harm.

    Args:
        code: As it goes to a chip.
        numbers: Of the opcodes, by name, as that chip has them.
        data_bytes: The chip's room for globals.

    Raises:
        BytecodeError: At the first instruction that is cut off, unknown, falls into a function,
            pops what was not pushed, or leads or reaches out of what is the program's.
    """
    steps = list(_steps(code, numbers))
    states = {step.at: step.before for step in steps if step.opcode is not ENTRY}
    entries = {step.at + 1 for step in steps if step.opcode is ENTRY}
    module = function = 0
    for step in steps:
        _check(step, states, entries, data_bytes)
        if step.after.function:
            locals_ = code[step.after.function]
            function = max(function, locals_ + CALL_BYTES + step.after.depth)
        else:
            module = max(module, step.after.depth)
    if not steps or steps[-1].after.is_fallen_to:
        raise _harm(len(code), "the code ends here, and runs on", "end it with halt or return")
    return Depths(module, function)


def _harm(at: int, found: str, expected: str) -> BytecodeError:
    return BytecodeError(f"offset {at} of the code: {found}; {expected}", at)


def _steps(code: bytes, numbers: Mapping[str, int]) -> Iterator[_Step]:
    known = {number: opcodes()[name] for name, number in numbers.items()}
    at, state = 0, _State()
    while at < len(code):
        byte = code[at]
        opcode = ENTRY if byte == 0 else known.get(byte & 0xF0 if byte >= FIRST_SHORT else byte)
        if opcode is None:
            raise _harm(at, f"{byte:#04x} is no opcode of this machine", "compile for this image")
        operands = code[at + 1 : at + opcode.size]
        if len(operands) < opcode.operands.size:
            raise _harm(at, f"{opcode.name} is cut off by the end", "upload the whole code")
        before = state
        state = _behind(code, at, opcode, operands, before)
        yield _Step(at, opcode, byte, operands, before, state)
        at += opcode.size


def _behind(code: bytes, at: int, opcode: Opcode, operands: bytes, state: _State) -> _State:
    """The state behind an instruction."""
    if opcode is ENTRY:
        if state.is_fallen_to:
            raise _harm(at, "a function begins, and what is before runs into it", "return before")
        return _State(at + 1, operands[0] + operands[1])
    if state.depth < 2 and (opcode.pushes < 0 or opcode.operands is Operands.SWAP):
        raise _harm(at, f"{opcode.name} pops what was not pushed", "push its left operand")
    depth = state.depth + 2 * opcode.pushes
    if opcode.operands is Operands.CALL:
        entry = at + opcode.size + int.from_bytes(operands, "little", signed=True)
        arguments = code[entry + 1] if entry >= 0 and entry + 1 < len(code) else 0
        if arguments > depth:
            raise _harm(at, f"{arguments} bytes of arguments, {depth} pushed", "push all arguments")
        depth -= arguments
    return replace(state, depth=depth, is_fallen_to=opcode.operands.is_fallen_from)


def _check(step: _Step, states: Mapping[int, _State], entries: set[int], data_bytes: int) -> None:
    """Whether the operands lead out of what is the program's."""
    name, operands, kind = step.opcode.name, step.operands, step.opcode.operands
    if kind is Operands.SHORT:
        _check_variable(step, step.byte & 0x0F, data_bytes)
    elif kind in (Operands.VARIABLE, Operands.LOOP, Operands.LIMIT):
        _check_variable(step, operands[0], data_bytes)
    elif kind in (Operands.LIST, Operands.BYTES):
        size = operands[1] * (2 if kind is Operands.LIST else 1)
        if operands[0] & 1 or operands[0] + size > data_bytes:
            raise _harm(
                step.at,
                f"{name} of {size} bytes from {operands[0]} on; the globals have {data_bytes}",
                "take an array of the globals",
            )
    elif kind is Operands.FRAME and (not step.after.function or operands[0] != step.after.frame):
        raise _harm(
            step.at, f"{name} drops {operands[0]} bytes", f"the frame has {step.after.frame}"
        )
    elif kind is Operands.CALL and step.end + step.word not in entries:
        raise _harm(step.at, f"{name} to {step.end + step.word}", "no function begins there")
    target = _target(step)
    if target is not None:
        there = states.get(target)
        here = (step.after.function, step.after.depth)
        if there is None or (there.function, there.depth) != here:
            raise _harm(
                step.at,
                f"{name} to {target}",
                "expected an instruction of the same function with the same depth of stack",
            )


def _target(step: _Step) -> int | None:
    match step.opcode.operands:
        case Operands.LOOP | Operands.LIMIT:
            return step.end - step.operands[-1]
        case Operands.JUMP | Operands.ALWAYS | Operands.FAR:
            return step.end + step.word
        case _:
            return None


def _check_variable(step: _Step, number: int, data_bytes: int) -> None:
    is_local = number & 1
    end = step.after.frame if is_local else data_bytes - 1
    if number >= end:
        room = "frame" if is_local else "globals"
        raise _harm(
            step.at,
            f"{step.opcode.name} of number {number}, beyond the {room}",
            f"expected one below {end}",
        )
