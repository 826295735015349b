# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim serve``: a chip behind a pseudo-terminal, for programs that open a serial port."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Annotated

import typer

from pyavr_sim.board_at_port import BoardAtPort
from pyavr_sim.budgets import Cost
from pyavr_sim.chip import Chip
from pyavr_sim.commands.options import FirmwareFile, Hz, Mcu, Seed, Target, load_target
from pyavr_sim.pty_port import PtyPort
from pyavr_sim.serial_url.address import parse_line
from pyavr_sim.uart import Uart

__all__ = ["FullSpeed", "Line", "UartNumber", "open_cable", "say", "serve", "until_interrupted"]

UartNumber = Annotated[
    int | None, typer.Option("--uart", help="Which UART; default: the chip's first.", min=0)
]
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


def _power_up(target: Target, hz: int | None, seed: int, reset_address: str) -> Chip:
    try:
        start = int(reset_address, 0)
        return Chip(target.chip.name, target.firmware, hz=hz, seed=seed, reset_address=start)
    except ValueError as error:
        raise typer.BadParameter(f"--reset-address {reset_address}: {error}") from error
