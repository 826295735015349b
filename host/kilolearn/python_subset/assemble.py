# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels become distances. A jump that is too far for a byte becomes a longer sequence."""

from __future__ import annotations

from dataclasses import replace

from kilolearn.errors import BuildError
from kilolearn.python_subset.conditions import INVERSE_JUMP
from kilolearn.python_subset.instructions import Instruction, Label, Operands, opcodes
from kilolearn.python_subset.value_code import Code

__all__ = ["assemble"]

_LOOPS = (Operands.LOOP, Operands.LIMIT)
_SIGNED_MAX, _BACK_MAX, _SIZE_MAX = 127, 255, 32_767


def assemble(code: Code, path: str) -> list[Instruction]:
    """Replace every label by the distance to it from behind its instruction.

    Args:
        code: All routines, one after the other.
        path: For messages.

    Raises:
        BuildError: More than 32,767 bytes of code.
    """
    while True:
        where = _where(code)
        longer = [part for item in code for part in _within_reach(item, where)]
        if longer == code:
            break
        code = longer
    size = sum(item.opcode.size for item in code if isinstance(item, Instruction))
    if size > _SIZE_MAX:
        raise BuildError(f"{path}: {size} bytes of code; a jump reaches {_SIZE_MAX}: shorten it")
    return [
        replace(item, operands=_distances(item, where))
        for item in code
        if isinstance(item, Instruction)
    ]


def _where(code: Code) -> dict[Label | int, int]:
    """The offset of each label, and of each instruction (by its identity)."""
    where: dict[Label | int, int] = {}
    at = 0
    for item in code:
        if isinstance(item, Label):
            where[item] = at
        else:
            where[id(item)] = at
            at += item.opcode.size
    return where


def _distances(item: Instruction, where: dict[Label | int, int]) -> tuple[int, ...]:
    behind = where[id(item)] + item.opcode.size
    if item.opcode.operands is Operands.CALL:
        behind -= 1  # A call leads behind the byte that its label stands at.
    sign = -1 if item.opcode.operands in _LOOPS else 1
    return tuple(sign * (where[o] - behind) if isinstance(o, Label) else o for o in item.operands)


def _within_reach(item: Instruction | Label, where: dict[Label | int, int]) -> Code:
    """The item itself, or what goes as far as it should."""
    if isinstance(item, Label) or item.opcode.operands not in (
        Operands.JUMP,
        Operands.ALWAYS,
        *_LOOPS,
    ):
        return [item]
    distance = _distances(item, where)[-1]
    target, line = item.operands[-1], item.line

    def instruction(name: str, *operands: int | Label) -> Instruction:
        return Instruction(opcodes()[name], operands, line)

    if item.opcode.operands in _LOOPS:
        if distance <= _BACK_MAX:
            return [item]
        counter, end = item.operands[0], Label()
        stop = item.operands[1:-1]
        # The stop is above the counter: so stop - 1 has 16 bits.
        return [
            *(instruction("constant", constant) for constant in stop),
            instruction("push_constant", -1),
            instruction("add"),
            instruction("push_load", counter),
            instruction("jump_if_equal", end),
            instruction("load", counter),
            instruction("push_constant", 1),
            instruction("add"),
            instruction("store", counter),
            instruction("jump_far", target),
            end,
        ]
    if -_SIGNED_MAX <= distance <= _SIGNED_MAX:
        return [item]
    if item.opcode.name == "jump":
        return [instruction("jump_far", target)]
    over = Label()
    inverse = instruction(INVERSE_JUMP[item.opcode.name], over)
    return [inverse, instruction("jump_far", target), over]
