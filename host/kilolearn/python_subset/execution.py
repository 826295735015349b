# SPDX-License-Identifier: GPL-3.0-or-later
"""A program from its source to its end, by any of the three back ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from kilolearn.emulator import ImageSize, image_size
from kilolearn.python_subset import oracle
from kilolearn.python_subset.ahead_chip import build_ahead, run_ahead
from kilolearn.python_subset.bytecode import Bytecode, compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import CYCLES_MAX, ChipRun
from kilolearn.python_subset.flash_chip import run_flash
from kilolearn.python_subset.flash_image import FlashImage, build_flash_image
from kilolearn.python_subset.run import Run
from kilolearn.python_subset.tree import Program

__all__ = ["Backend", "Execution", "Image", "build", "execute", "run_image"]


class Backend(StrEnum):
    """What runs a program."""

    BYTECODE = "bytecode"
    C = "c"
    CPYTHON = "cpython"


@dataclass(frozen=True)
class Image:
    """A program built for a chip.

    Attributes:
        program: Checked.
        elf: The linked image; gone after :func:`execute`.
        mcu: The chip.
        size: Its flash and static SRAM.
        bytecode: What the machine in the image runs; None where the program became C.
    """

    program: Program
    elf: Path
    mcu: str
    size: ImageSize
    bytecode: Bytecode | None


@dataclass(frozen=True)
class Execution:
    """How a run ended; and on a chip, what ran and what it took."""

    run: Run
    image: Image | None = None
    cost: ChipRun | None = None


def build(
    program: Program,
    backend: Backend,
    mcu: str,
    folder: Path,
    overflow: Literal["error", "wrap"] = "error",
) -> Image:
    """Build a program for a chip.

    Args:
        program: Checked.
        backend: Bytecode or C.
        mcu: The chip.
        folder: Gets the image.
        overflow: Whether arithmetic beyond 16 bits is an OverflowError or wraps around.

    Raises:
        BuildError: It does not fit the chip, or the compiler complains.
    """
    if backend is Backend.C:
        elf = build_ahead(program, mcu, folder, overflow)
        return Image(program, elf, mcu, image_size(elf), None)
    bytecode = compile_program(program)
    elf = folder / f"{Path(program.path).stem}.elf"
    build_flash_image(bytecode, mcu, elf, wraps=overflow == "wrap")
    return Image(program, elf, mcu, image_size(elf), bytecode)


def run_image(image: Image, devices: Devices, cycles_max: int) -> Execution:
    """Run a program on an emulated chip, from power-up to its end.

    Raises:
        StepLimitError: It did not end within `cycles_max`.
    """
    if image.bytecode is None:
        run, cost = run_ahead(image.program, image.elf, image.mcu, devices, cycles_max=cycles_max)
    else:
        flash = FlashImage(image.elf, image.mcu, image.bytecode)
        run, cost = run_flash(flash, devices, cycles_max=cycles_max)
    return Execution(run, image, cost)


def execute(
    source: str,
    path: str,
    devices: Devices,
    backend: Backend,
    mcu: str,
    overflow: Literal["error", "wrap"] = "error",
    *,
    drop_constants: bool = False,
    cycles_max: int = CYCLES_MAX,
) -> Execution:
    """Run a program from its source.

    Args:
        source: Its text.
        path: Its name in messages.
        devices: What it reads.
        backend: What runs it.
        mcu: The chip to emulate; CPython needs none.
        overflow: Whether arithmetic beyond 16 bits is an OverflowError or wraps around.
        drop_constants: As for :func:`kilolearn.python_subset.check.check`; CPython keeps them.
        cycles_max: Of the chip; a program that takes more is stopped.

    Raises:
        SubsetError: The source is outside the subset.
        BuildError: It does not fit the chip.
        StepLimitError: It did not end.
    """
    if backend is Backend.CPYTHON:
        return Execution(oracle.run(source, path, devices, overflow))
    program = check(source, path, drop_constants=drop_constants)
    with TemporaryDirectory() as folder:
        image = build(program, backend, mcu, Path(folder), overflow)
        return run_image(image, devices, cycles_max)
