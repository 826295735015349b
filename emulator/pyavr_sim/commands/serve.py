# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim serve``: a chip behind a pseudo-terminal, for programs that open a serial port."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pyavr_sim.board_at_port import BoardAtPort
from pyavr_sim.budgets import Cost
from pyavr_sim.chip import Chip
from pyavr_sim.commands.at_a_port import FullSpeed, Line, open_cable, say, until_interrupted
from pyavr_sim.commands.options import (
    FirmwareFile,
    Hz,
    Mcu,
    Seed,
    Target,
    UartNumber,
    load_target,
)
from pyavr_sim.pty_port import PtyPort

__all__ = ["serve"]


def serve(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    uart: UartNumber = None,
    line: Line = None,
    full_speed: FullSpeed = False,
    symlink: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A second name for the port.")
    ] = None,
    reset_address: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where the chip starts, in bytes: 0x7800 for a boot loader of an ATmega328P.",
        ),
    ] = "0",
) -> None:
    """Put a chip behind a serial port: its name is the first line printed.

    Whoever opens the port resets the chip, as on an Arduino. Ctrl-C or SIGTERM ends it, with the
    chip's cost. Run it twice for two chips.
    """
    target = load_target(firmware, mcu)
    with _power_up(target, hz, seed, reset_address) as chip:
        cable = open_cable(chip, uart, line)
        with until_interrupted(), PtyPort(symlink) as port:
            typer.echo(port.path)
            speed = "as fast as it goes" if full_speed else f"{chip.hz / 1e6:g} MHz"
            say(f"{target}, {speed}; Ctrl-C ends it")
            board = BoardAtPort(chip, cable, port, is_real_time=not full_speed, tell=say)
            while True:
                board.step()
        say(f"{chip.cycle:,} cycles\n{Cost.of_run(chip)}")


def _power_up(target: Target, hz: int | None, seed: int, reset_address: str) -> Chip:
    try:
        start = int(reset_address, 0)
        return Chip(target.chip.name, target.firmware, hz=hz, seed=seed, reset_address=start)
    except ValueError as error:
        raise typer.BadParameter(f"--reset-address {reset_address}: {error}") from error
