# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytecode for people: each instruction with its offset, its operands by name, and its line."""

from __future__ import annotations

from collections.abc import Sequence

from kilolearn.python_subset.bytecode import Bytecode
from kilolearn.python_subset.instructions import Instruction, Operands

__all__ = ["disassemble"]

_VARIABLES = (Operands.VARIABLE, Operands.SHORT, Operands.LOOP, Operands.LIMIT)
_ARRAYS = (Operands.LIST, Operands.BYTES)
_JUMPS = (Operands.JUMP, Operands.ALWAYS, Operands.FAR, Operands.CALL)
_LOOPS = (Operands.LOOP, Operands.LIMIT)


def disassemble(bytecode: Bytecode, source: Sequence[str] = ()) -> str:
    """Render a program.

    Args:
        bytecode: What to render.
        source: The lines of its Python source; each is put before what was made of it.

    Returns:
        A line an instruction, ``offset  name  operands``.
    """
    lines: list[str] = []
    names = {2 * place.number: name for name, place in bytecode.places.items()}
    shown = 0
    for offset, item in zip(bytecode.offsets, bytecode.instructions, strict=False):
        if item.line != shown and 0 < item.line <= len(source):
            lines.append(f"; {item.line}: {source[item.line - 1].strip()}")
        shown = item.line
        name = item.opcode.name.removesuffix("_short")
        lines.append(f"{offset:5}  {name:20} {_operands(item, offset, names)}".rstrip())
    return "\n".join(lines)


def _operands(item: Instruction, offset: int, names: dict[int, str]) -> str:
    """Variables and arrays by name, jumps by where they lead."""
    kind, operands = item.opcode.operands, item.numbers
    end = offset + item.opcode.size
    if kind in _JUMPS:
        return f"-> {end + operands[0]}"
    if kind is Operands.ENTRY:
        return f"{operands[0]} bytes of locals, {operands[1]} of arguments"
    words = [str(operand) for operand in operands]
    if kind in _VARIABLES:
        number = operands[0]
        words[0] = f"local {number // 2}" if number & 1 else names.get(number, _item(number, names))
    if kind in _ARRAYS:
        words = [names.get(operands[0], str(operands[0]))]
    if kind in _LOOPS:
        words[-1] = f"-> {end - operands[-1]}"
    return " ".join(words)


def _item(number: int, names: dict[int, str]) -> str:
    """An item of a list that is addressed as a variable."""
    begin = max((at for at in names if at <= number), default=0)
    return f"{names.get(begin, '?')}[{(number - begin) // 2}]"
