# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py repl``: Python's prompt, on a chip."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import typer

from kilolearn.commands.options import Baud, PortUrl, Timeout
from kilolearn.port import BAUD
from kilolearn.python_subset.conversation import converse
from kilolearn.python_subset.live import LiveMachine, open_machine_port

__all__ = ["run"]


def run(
    port: PortUrl = None,
    mcu: Annotated[str | None, typer.Option(help="Without a port: emulate this chip.")] = None,
    baud: Baud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Type statements; each is compiled here and run on the chip, which keeps the globals.

    An expression is run and its value printed. Ctrl-D, or the end of piped input, ends.
    """
    is_typed = sys.stdin.isatty()
    if is_typed:
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - input() edits lines where there is one
    with open_machine_port(port, mcu, baud, timeout) as opened:
        machine = LiveMachine(opened)
        if is_typed:
            chip = machine.chip
            print(f"{chip.data_bytes} bytes for globals, {chip.code_bytes} for a statement's code")
        converse(machine, input if is_typed else _piped, lambda line: print(line, flush=True))


def _piped(_prompt: str) -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")
