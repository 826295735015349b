# SPDX-License-Identifier: GPL-3.0-or-later
"""A checked program as instructions of the machine in avr/vm."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from kilolearn.python_subset.assemble import assemble
from kilolearn.python_subset.constant_parameters import fold_constant_parameters
from kilolearn.python_subset.instructions import Instruction, Operands
from kilolearn.python_subset.lowering import lower
from kilolearn.python_subset.peephole import shorten
from kilolearn.python_subset.places import Place, initial_bytes, place_globals
from kilolearn.python_subset.stack_depth import stack_bytes
from kilolearn.python_subset.tree import Program

__all__ = ["Bytecode", "compile_program", "operand_bytes"]

_WORD_SIZED = {Operands.WORD, Operands.FAR, Operands.CALL}


@dataclass(frozen=True)
class Bytecode:
    """A compiled program. The numbers of its opcodes are the business of the image that runs it.

    Attributes:
        path: Of the source.
        instructions: The module's up to its ``halt``, then each function's; operands are numbers.
        places: Of the globals, and of the hidden variables of the module's loops.
        data: What SRAM holds at ``vm_data`` when the program starts.
        data_from: Where its own globals begin in it; those before live on from another program.
        module_stack_bytes: The most that the module pushes, its calls not counted.
        function_stack_bytes: The most that a function adds to that, from its call on.
    """

    path: str
    instructions: tuple[Instruction, ...]
    places: Mapping[str, Place]
    data: bytes
    data_from: int
    module_stack_bytes: int
    function_stack_bytes: int

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where each instruction begins; last, the size of the whole."""
        return tuple(accumulate((i.opcode.size for i in self.instructions), initial=0))

    @property
    def visible_places(self) -> Mapping[str, Place]:
        """Of the globals that the source names."""
        return {name: place for name, place in self.places.items() if name.isidentifier()}

    @property
    def size(self) -> int:
        """Bytes of code."""
        return self.offsets[-1]

    @property
    def options(self) -> frozenset[str]:
        """What a machine must have beyond what every machine has."""
        return frozenset(i.opcode.option for i in self.instructions) - {"ALL"}

    def encode(self, numbers: Mapping[str, int]) -> bytes:
        """The bytes.

        Args:
            numbers: Of every opcode, by name, as an image has them.
        """
        return b"".join(_encoded(i, numbers) for i in self.instructions)

    def line_at(self, pc: int) -> int:
        """The line of the instruction that a machine was at when it stopped.

        Args:
            pc: Its program counter, from the begin of the code: behind the opcode, or behind
                operands that it had passed already.
        """
        return self.instructions[max(0, bisect_left(self.offsets, pc) - 1)].line


def _encoded(instruction: Instruction, numbers: Mapping[str, int]) -> bytes:
    kind = instruction.opcode.operands
    number = 0 if kind is Operands.ENTRY else numbers[instruction.opcode.name]
    if kind is Operands.SHORT:
        return bytes([number + instruction.numbers[0]])
    return bytes([number]) + operand_bytes(instruction)


def operand_bytes(instruction: Instruction) -> bytes:
    """The operands as they stand behind the opcode, words little endian."""
    size = 2 if instruction.opcode.operands in _WORD_SIZED else 1
    return b"".join((o & (1 << 8 * size) - 1).to_bytes(size, "little") for o in instruction.numbers)


def compile_program(program: Program, before: Mapping[str, Place] | None = None) -> Bytecode:
    """Compile.

    Args:
        program: As :func:`kilolearn.python_subset.check.check` gives it.
        before: Places of globals that live on from an earlier program; they stay there.

    Raises:
        BuildError: The program is larger than the machine can address.
    """
    kept = before or {}
    places = place_globals(program, kept)
    module, functions = lower(fold_constant_parameters(program), places)
    code = shorten(module)
    for function in functions.values():
        code = code + shorten(function)
    instructions = assemble(code, program.path)
    data = bytearray(2 * max((place.end for place in places.values()), default=0))
    for array in program.arrays:
        at = 2 * places[array.name].number
        initial = initial_bytes(array)
        data[at : at + len(initial)] = initial
    return Bytecode(
        program.path,
        tuple(instructions),
        places,
        bytes(data),
        max((2 * place.end for place in kept.values()), default=0),
        *stack_bytes(instructions),
    )
