# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops an emulated machine at each of its operations: for profiles and for a trace of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kilolearn.emulator import load_emulator
from kilolearn.errors import StepLimitError
from kilolearn.python_subset.bytecode import Bytecode
from kilolearn.python_subset.emulated import READ
from kilolearn.python_subset.flash_chip import read_globals
from kilolearn.python_subset.line_profile import Operation
from kilolearn.python_subset.run import Variables

__all__ = ["LineStep", "operations", "steps_by_line"]

_PC = slice(28, 30)  # The machine's, in r28 and r29; see avr/vm/machine.S.


@dataclass(frozen=True)
class LineStep:
    """One line that was executed, and the globals that it changed, with their new values."""

    line: int
    changed: Mapping[str, int | tuple[int, ...]]


def operations(chip: Any, bytecode: Bytecode, given: bytes, cycles_max: int) -> Iterator[Operation]:
    """Run a program in flash, and tell each operation when it is over.

    Args:
        chip: `pyavr_sim.Chip` at power-up.
        bytecode: The program in it.
        given: What it reads; a byte comes when it is waited for.
        cycles_max: For the whole run.

    Raises:
        StepLimitError: It did not end in time.
    """
    emulator = load_emulator()
    at_dispatch, at_read = emulator.until.symbol("next"), emulator.until.symbol(READ)
    begin = chip.symbols["vm_program"].address
    names = {
        o: i.opcode.name for o, i in zip(bytecode.offsets, bytecode.instructions, strict=False)
    }
    waiting = iter(given)
    offset, since = -1, 0
    try:
        while True:
            chip.run(max(1, cycles_max - chip.cycle), until=at_dispatch)
            if offset >= 0:
                yield Operation(offset, bytecode.line_at(offset + 1), int(chip.cycle) - since)
            offset = int(chip.registers[_PC].copy().view("<u2")[0]) - begin
            since = int(chip.cycle)
            if names[offset] == "read" and (byte := next(waiting, None)) is not None:
                chip.run(max(1, cycles_max - chip.cycle), until=at_read)
                chip.uart(0).write(bytes([byte]))
    except emulator.FirmwareEndedError:
        yield Operation(offset, bytecode.line_at(offset + 1), int(chip.cycle) - since)
    except emulator.CycleLimitError as error:
        raise StepLimitError(
            f"{bytecode.path} did not end within {cycles_max:,} cycles; mend a loop that never "
            f"ends, give it more input, or allow more"
        ) from error


def steps_by_line(
    chip: Any, bytecode: Bytecode, given: bytes, cycles_max: int
) -> Iterator[LineStep]:
    """Run a program in flash line by line; arguments and errors as above."""
    now: Variables = {
        name: place.value_in(bytecode.data) for name, place in bytecode.visible_places.items()
    }
    before = now
    line = 0
    for operation in operations(chip, bytecode, given, cycles_max):
        if operation.line != line and line:
            yield LineStep(line, {name: now[name] for name in now if now[name] != before[name]})
            before = now
        line, now = operation.line, read_globals(chip, bytecode)
