# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py run``: a program from power-up to its end."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.commands.py.options import (
    Adc,
    CyclesMax,
    DropConstants,
    File,
    Input,
    Mcu,
    Pin,
    Wrap,
    devices_from,
    read_source,
)
from kilolearn.python_subset.emulated import CYCLES_MAX
from kilolearn.python_subset.execution import Backend, execute
from kilolearn.python_subset.report import (
    describe_cost,
    describe_globals,
    describe_image,
    describe_run_error,
)

__all__ = ["run"]


def run(
    file: File,
    mcu: Mcu = "atmega328p",
    backend: Annotated[
        Backend, typer.Option(help="What runs it; cpython needs no chip.")
    ] = Backend.BYTECODE,
    given: Input = "",
    adc: Adc = None,
    pin: Pin = None,
    wrap: Wrap = False,
    drop_constants: DropConstants = False,
    cycles_max: CyclesMax = CYCLES_MAX,
) -> None:
    """Run a program on an emulated chip, and print the values that it emits.

    Its globals and what it took go to standard error. Exit code 1: an error of Python's ended it.
    """
    source = read_source(file)
    devices = devices_from(given, adc, pin)
    done = execute(
        source,
        str(file),
        devices,
        backend,
        mcu,
        "wrap" if wrap else "error",
        drop_constants=drop_constants,
        cycles_max=cycles_max,
    )
    for value in done.run.outputs:
        print(value)
    typer.echo(describe_globals(done.run.variables), err=True)
    if done.image and done.cost:
        typer.echo(f"{describe_image(done.image)}; {describe_cost(done.cost)}", err=True)
    if done.run.error is not None:
        error = done.run.error
        line = source.splitlines()[error.line - 1]
        typer.echo(describe_run_error(error.kind, str(file), error.line, line), err=True)
        raise typer.Exit(1)
