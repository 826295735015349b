# SPDX-License-Identifier: GPL-3.0-or-later
"""A program from its source to its end, by any of the three back ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from kilolearn.python_subset import oracle
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.run import Run

__all__ = ["Backend", "Cost", "Execution", "execute"]


class Backend(StrEnum):
    """What runs a program."""

    BYTECODE = "bytecode"
    C = "c"
    CPYTHON = "cpython"


@dataclass(frozen=True)
class Cost:
    """What a run took of an emulated chip.

    Attributes:
        mcu: The chip.
        hz: Its clock.
        cycles: From power-up to the program's end.
        flash_bytes: .text + .data of the whole image.
        bytecode_bytes: Of these, the program; None where it is C.
        sram_high_water: Static bytes and the deepest stack.
        sram_total: What the chip has.
    """

    mcu: str
    hz: int
    cycles: int
    flash_bytes: int
    bytecode_bytes: int | None
    sram_high_water: int
    sram_total: int


@dataclass(frozen=True)
class Execution:
    """How a run ended, and what it took; nothing of a chip in CPython."""

    run: Run
    cost: Cost | None


def execute(
    source: str,
    path: str,
    devices: Devices,
    backend: Backend,
    mcu: str,
    overflow: Literal["error", "wrap"] = "error",
    cycles_max: int = 1_000_000_000,
) -> Execution:
    """Run a program.

    Args:
        source: Its text.
        path: Its name in messages.
        devices: What it reads.
        backend: What runs it.
        mcu: The chip to emulate; CPython needs none.
        overflow: Whether arithmetic beyond 16 bits is an OverflowError or wraps around.
        cycles_max: Of the chip; a program that takes more is stopped.

    Raises:
        SubsetError: The source is outside the subset.
        BuildError: It does not fit the chip.
        StepLimitError: It did not end.
    """
    if backend is Backend.CPYTHON:
        return Execution(oracle.run(source, path, devices, overflow), None)
    raise NotImplementedError
