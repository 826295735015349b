# SPDX-License-Identifier: GPL-3.0-or-later
"""The instructions of the machine in avr/vm, as avr/vm/opcodes.h states them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from kilolearn import firmware
from kilolearn.errors import BuildError

__all__ = ["ENTRY", "Instruction", "Label", "Opcode", "Operands", "opcodes"]

_OPCODE = re.compile(r"^OPCODE\((\w+), (\w+), (-?\d), (\w+)\)$", re.MULTILINE)


class Operands(Enum):
    """What follows an opcode, as opcodes.h says; in its order, the value is name and bytes."""

    NONE = ("NONE", 0)
    BYTE = ("BYTE", 1)
    WORD = ("WORD", 2)
    VARIABLE = ("VARIABLE", 1)
    JUMP = ("JUMP", 1)
    ALWAYS = ("ALWAYS", 1)
    FAR = ("FAR", 2)
    CALL = ("CALL", 2)
    LOOP = ("LOOP", 2)
    LIMIT = ("LIMIT", 3)
    LIST = ("LIST", 2)
    BYTES = ("BYTES", 2)
    FRAME = ("FRAME", 1)
    SHORT = ("SHORT", 0)
    END = ("END", 0)
    SWAP = ("SWAP", 0)
    ENTRY = ("ENTRY", 2)

    @property
    def size(self) -> int:
        """Bytes behind the opcode."""
        return self.value[1]

    @property
    def is_fallen_from(self) -> bool:
        """Whether the next instruction may come next."""
        return self not in (Operands.ALWAYS, Operands.FAR, Operands.FRAME, Operands.END)


@dataclass(frozen=True)
class Opcode:
    """One line of opcodes.h.

    Attributes:
        name: The handler is ``op_`` and that.
        operands: What follows the opcode.
        pushes: Words more on the stack afterwards.
        option: Without ``VM_`` and that a machine lacks the instruction; ``ALL`` is none.
    """

    name: str
    operands: Operands
    pushes: int
    option: str

    @property
    def size(self) -> int:
        """Bytes of an instruction, the opcode included."""
        return 1 + self.operands.size


#: What stands before a function: a byte 0, bytes of its locals, bytes of its arguments.
ENTRY = Opcode("entry", Operands.ENTRY, 0, "CALLS")


@dataclass(eq=False)
class Label:
    """A place that jumps lead to, in a list of instructions."""


@dataclass(frozen=True)
class Instruction:
    """An instruction before it is bytes.

    Attributes:
        opcode: Which.
        operands: In the order of the bytes; a word is one operand, a jump's is a Label.
        line: Of the Python source.
    """

    opcode: Opcode
    operands: tuple[int | Label, ...] = field(default=())
    line: int = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """The operands, when no label is left among them."""
        return tuple(operand for operand in self.operands if not isinstance(operand, Label))


@cache
def opcodes() -> Mapping[str, Opcode]:
    """Every instruction by name.

    Raises:
        BuildError: avr/vm/opcodes.h is not there, or not to be read.
    """
    path = firmware.avr_folder() / "vm" / "opcodes.h"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}; expected a checkout with avr/vm") from error
    return {
        name: Opcode(name, Operands[operands], int(pushes), option)
        for name, operands, pushes, option in _OPCODE.findall(text)
    }
