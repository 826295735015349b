# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program in flash on an emulated chip, and looks at what its machine left in SRAM."""

from __future__ import annotations

from typing import Any, get_args

from kilolearn.python_subset.bytecode import Bytecode
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import CYCLES_MAX, ChipRun, run_on_emulator
from kilolearn.python_subset.flash_image import FlashImage
from kilolearn.python_subset.run import ErrorKind, Run, RunError

__all__ = ["read_globals", "run_flash"]


def run_flash(
    image: FlashImage, devices: Devices, *, cycles_max: int = CYCLES_MAX
) -> tuple[Run, ChipRun]:
    """Run a program's image from power-up to its end.

    Args:
        image: From :func:`kilolearn.python_subset.flash_image.build_flash_image`.
        devices: What the program reads.
        cycles_max: How long it may take.

    Returns:
        What the program left behind, and what it cost.

    Raises:
        StepLimitError: It did not end in time.
    """
    variables: dict[str, int | tuple[int, ...]] = {}
    errors: list[RunError] = []

    def look(chip: Any) -> None:
        variables.update(read_globals(chip, image.bytecode))
        errors.extend(_error(chip, image.bytecode))

    cost = run_on_emulator(image.elf, image.mcu, devices, look, cycles_max=cycles_max)
    return Run(cost.outputs, variables, errors[0] if errors else None), cost


def read_globals(chip: Any, bytecode: Bytecode) -> dict[str, int | tuple[int, ...]]:
    """The globals of a program, from the machine's data in the SRAM of a `pyavr_sim.Chip`."""
    begin = chip.symbols["vm_data"].address
    data = bytes(chip.data[begin : begin + len(bytecode.data)])
    return {name: place.value_in(data) for name, place in bytecode.visible_places.items()}


def _error(chip: Any, bytecode: Bytecode) -> list[RunError]:
    # Left in the last bytes of SRAM: avr/vm/start_in_flash.S.
    end = chip.description.sram_start + chip.description.sram_bytes
    number, low, high = (int(byte) for byte in chip.data[end - 3 : end])
    if number == 0:
        return []
    pc = low + 256 * high - chip.symbols["vm_program"].address
    kind: ErrorKind = get_args(ErrorKind)[number - 1]
    return [RunError(kind, bytecode.line_at(pc))]
