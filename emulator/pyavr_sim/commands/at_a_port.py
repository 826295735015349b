# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands share that put a chip behind a pseudo-terminal and run until stopped."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from typing import Annotated

import typer

from pyavr_sim.chip import Chip
from pyavr_sim.serial_url.address import parse_line
from pyavr_sim.uart import Uart

__all__ = ["FullSpeed", "Line", "open_cable", "say", "until_interrupted"]

Line = Annotated[
    str | None,
    typer.Option(
        metavar="RX,TX,BAUD",
        help="Instead of a UART, two pins of a firmware that times its bits: B3,B4,57600.",
    ),
]
FullSpeed = Annotated[
    bool, typer.Option("--full-speed", help="As fast as it goes; default: the chip's clock.")
]


@contextmanager
def until_interrupted() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end a block; what comes after the first one is ignored."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def say(text: str) -> None:
    """Print on standard error, since standard output has the names of ports."""
    typer.echo(text, err=True)


def open_cable(chip: Chip, uart: int | None, line: str | None) -> Uart:
    """Give the chip's end of the port that these options name.

    Raises:
        typer.BadParameter: They contradict each other, or `line` is none.
        PortError: The chip has no such UART or pins.
    """
    if line is None:
        return chip.uart(min(chip.description.uarts, default=0) if uart is None else uart)
    if uart is not None:
        raise typer.BadParameter("--uart and --line both name a port; give one of them.")
    try:
        return chip.serial_line(*astuple(parse_line(line)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
