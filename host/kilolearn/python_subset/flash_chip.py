# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program in flash on an emulated chip, and looks at what its machine left in SRAM."""

from __future__ import annotations

from typing import Any

from kilolearn.python_subset.bytecode import Bytecode
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import CYCLES_MAX, ChipRun, run_program
from kilolearn.python_subset.flash_image import FlashImage
from kilolearn.python_subset.run import Run, RunError, Variables

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
    return run_program(
        image.elf,
        image.mcu,
        devices,
        lambda chip: (read_globals(chip, image.bytecode), _error(chip, image.bytecode)),
        cycles_max=cycles_max,
    )


def read_globals(chip: Any, bytecode: Bytecode) -> Variables:
    """The globals of a program, from the machine's data in the SRAM of a `pyavr_sim.Chip`."""
    begin = chip.symbols["vm_data"].address
    data = bytes(chip.data[begin : begin + len(bytecode.data)])
    return {name: place.value_in(data) for name, place in bytecode.visible_places.items()}


def _error(chip: Any, bytecode: Bytecode) -> RunError | None:
    # Left in the last bytes of SRAM: avr/vm/start_in_flash.S.
    end = chip.description.sram_start + chip.description.sram_bytes
    number, low, high = (int(byte) for byte in chip.data[end - 3 : end])
    if number == 0:
        return None
    pc = low + 256 * high - chip.symbols["vm_program"].address
    return RunError.numbered(number, bytecode.line_at(pc))
