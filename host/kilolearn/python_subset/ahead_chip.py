# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a program's C into an image for a chip, and runs it on an emulated one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from kilolearn import firmware
from kilolearn.python_subset.ahead import to_c
from kilolearn.python_subset.ahead_expressions import c_name
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import CYCLES_MAX, ChipRun, run_program
from kilolearn.python_subset.run import Run, RunError, Variables
from kilolearn.python_subset.tree import Program

__all__ = ["build_ahead", "run_ahead"]


def build_ahead(
    program: Program,
    mcu: str,
    folder: Path,
    overflow: Literal["error", "wrap"] = "error",
    *,
    checked: bool = True,
) -> Path:
    """Build a program for a chip.

    Args:
        program: Checked.
        mcu: As avr-gcc names it.
        folder: Gets ``ahead-program.h``, the program as C, and the image.
        overflow: As for :func:`kilolearn.python_subset.ahead.to_c`.
        checked: Likewise.

    Returns:
        The linked image (ELF).

    Raises:
        BuildError: It does not fit the chip, or the compiler complains.
    """
    folder.mkdir(parents=True, exist_ok=True)
    header = folder / "ahead-program.h"
    header.write_text(to_c(program, overflow, checked=checked), encoding="utf-8")
    return firmware.build("ahead", mcu, config="program", configs=folder)


def run_ahead(
    program: Program, elf: Path, mcu: str, devices: Devices, *, cycles_max: int = CYCLES_MAX
) -> tuple[Run, ChipRun]:
    """Run a program's image on an emulated chip.

    Args:
        program: That the image was built of.
        elf: From :func:`build_ahead`.
        mcu: The chip.
        devices: What the program reads.
        cycles_max: How long it may take.

    Returns:
        What the program left behind, and what it cost.

    Raises:
        StepLimitError: It did not end in time.
    """
    return run_program(
        elf,
        mcu,
        devices,
        lambda chip: (_globals(chip, program), _error(chip)),
        cycles_max=cycles_max,
    )


def _globals(chip: Any, program: Program) -> Variables:
    """What no instruction touches is not in the image, and holds what it held at first."""
    variables: dict[str, int | tuple[int, ...]] = {}
    for variable in program.variables:
        name = c_name(variable.name)
        variables[variable.name] = int(chip.var(name)) if name in chip.symbols else 0
    for array in program.arrays:
        name = c_name(array.name)
        items = chip.var(name).tolist() if name in chip.symbols else array.initial
        variables[array.name] = tuple(items[: len(array.initial)])
    return variables


def _error(chip: Any) -> RunError | None:
    """An image of a program that makes no error has no place for one."""
    failure = chip.var("failure") if "failure" in chip.symbols else {"kind": 0}
    kind = int(failure["kind"])
    return RunError.numbered(kind, int(failure["line"])) if kind else None
