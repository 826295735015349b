# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim programmer``: a programmer and its chip, for avrdude."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from pyavr_sim.board_at_port import BoardAtPort
from pyavr_sim.chip import Chip
from pyavr_sim.commands.at_a_port import FullSpeed, Line, open_cable, say, until_interrupted
from pyavr_sim.commands.options import Hz, Seed, UartNumber
from pyavr_sim.programmer import Programmer
from pyavr_sim.pty_port import PtyPort

__all__ = ["programmer"]


def programmer(
    mcu: Annotated[str, typer.Option(metavar="CHIP", help="Such as attiny85.")],
    hz: Hz = None,
    seed: Seed = 0,
    uart: UartNumber = None,
    line: Line = None,
    full_speed: FullSpeed = False,
) -> None:
    """Put a programmer and an erased chip behind serial ports.

    The first line printed is the programmer's port, for `avrdude -c stk500v1 -P`; the second one
    is the chip's own, where it has a UART or --line names its pins. It runs what was uploaded.
    Ctrl-C or SIGTERM ends it.
    """
    with until_interrupted(), ExitStack() as stack:
        chip = stack.enter_context(Chip(mcu, hz=hz, seed=seed))
        port = stack.enter_context(PtyPort())
        typer.echo(port.path)
        board = None
        if chip.description.uarts or line is not None or uart is not None:
            cable = open_cable(chip, uart, line)
            own_port = stack.enter_context(PtyPort())
            typer.echo(own_port.path)
            board = BoardAtPort(chip, cable, own_port, is_real_time=not full_speed, tell=say)
        say(f"an STK500 and an erased {chip.name}, {chip.hz / 1e6:g} MHz; Ctrl-C ends it")
        socket = Programmer(chip, port, board, say)
        while True:
            socket.step()
