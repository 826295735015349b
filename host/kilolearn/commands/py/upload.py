# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py upload``: a program over the line, into a chip that is not flashed again."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.commands.options import Baud, PortUrl, Timeout
from kilolearn.commands.py.options import File, Input, bytes_from, read_source
from kilolearn.port import BAUD
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.live import open_machine_port
from kilolearn.python_subset.report import describe_globals, describe_run_error
from kilolearn.python_subset.upload import PythonChip

__all__ = ["run"]


def run(
    file: File,
    port: PortUrl = None,
    mcu: Annotated[str | None, typer.Option(help="Without a port: emulate this chip.")] = None,
    given: Input = "",
    save: Annotated[bool, typer.Option("--save", help="Into the chip's EEPROM, too.")] = False,
    baud: Baud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Upload a program, run it, and print the values that it emits as they come.

    Its globals go to standard error. Exit code 1: an error of Python's ended it.
    """
    source = read_source(file)
    bytecode = compile_program(check(source, str(file)))
    with open_machine_port(port, mcu, baud, timeout) as opened:
        chip = PythonChip(opened)
        chip.upload(bytecode)
        if save:
            chip.save()
        typer.echo(
            f"{bytecode.size} of {chip.code_bytes} bytes of code, "
            f"{len(bytecode.data)} of {chip.data_bytes} of globals",
            err=True,
        )
        run = chip.run(bytes_from(given), hear=lambda value: print(value, flush=True))
    typer.echo(describe_globals(run.variables), err=True)
    if run.error is not None:
        line = source.splitlines()[run.error.line - 1]
        typer.echo(describe_run_error(run.error.kind, str(file), run.error.line, line), err=True)
        raise typer.Exit(1)
