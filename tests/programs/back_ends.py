# SPDX-License-Identifier: GPL-3.0-or-later
"""The back ends that run a program on an emulated chip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cases import Case

from kilolearn.python_subset.ahead_chip import build_ahead, run_ahead
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.flash_chip import run_flash
from kilolearn.python_subset.flash_image import build_flash_image
from kilolearn.python_subset.run import Run

__all__ = ["BACK_ENDS", "IN_TURN"]


def _ahead(case: Case, mcu: str, folder: Path) -> Run:
    program = check(case.source, case.path)
    elf = build_ahead(program, mcu, folder, case.overflow)
    return run_ahead(program, elf, mcu, case.devices)[0]


def _bytecode(case: Case, mcu: str, folder: Path) -> Run:
    program = check(case.source, case.path)
    elf = folder / "bytecode.elf"
    image = build_flash_image(compile_program(program), mcu, elf, wraps=case.overflow == "wrap")
    return run_flash(image, case.devices)[0]


#: Name -> program, chip and a folder for images to what the program left behind.
BACK_ENDS: dict[str, Callable[[Case, str, Path], Run]] = {
    "ahead": _ahead,
    "bytecode": _bytecode,
}

#: Linking takes most of the time; uploaded bytecode runs all of them in any case.
IN_TURN = ["ahead", pytest.param("bytecode", marks=pytest.mark.long)]
