# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py profile``: where the cycles of a program in bytecode go, line by line."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from kilolearn.commands.py.options import (
    Adc,
    CyclesMax,
    File,
    Input,
    Mcu,
    Pin,
    Wrap,
    devices_from,
    read_source,
)
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.emulated import CYCLES_MAX, open_chip
from kilolearn.python_subset.flash_image import build_flash_image
from kilolearn.python_subset.line_profile import describe_lines, describe_memory, sum_by_line
from kilolearn.python_subset.report import describe_globals
from kilolearn.python_subset.stepping import operations, steps_by_line

__all__ = ["run"]


def run(
    file: File,
    mcu: Mcu = "atmega328p",
    given: Input = "",
    adc: Adc = None,
    pin: Pin = None,
    wrap: Wrap = False,
    cycles_max: CyclesMax = CYCLES_MAX,
    trace: Annotated[
        bool, typer.Option("--trace", help="Instead: every line as it runs, and what it changed.")
    ] = False,
) -> None:
    """Run a program's bytecode on an emulated chip; tell what each line and each global took."""
    source = read_source(file)
    devices = devices_from(given, adc, pin)
    program = check(source, str(file))
    bytecode = compile_program(program)
    with TemporaryDirectory() as folder:
        image = build_flash_image(bytecode, mcu, Path(folder) / "program.elf", wraps=wrap)
        with open_chip(image.elf, mcu, devices) as chip:
            if trace:
                lines = source.splitlines()
                for step in steps_by_line(chip, bytecode, devices.input, cycles_max):
                    changed = describe_globals(step.changed).replace("\n", ", ")
                    print(f"{step.line}: {lines[step.line - 1].rstrip():<60}  {changed}".rstrip())
            else:
                taken = operations(chip, bytecode, devices.input, cycles_max)
                print(describe_lines(sum_by_line(taken), source))
                print(describe_memory(program))
