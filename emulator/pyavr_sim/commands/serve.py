# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim serve``: a chip behind a pseudo-terminal, for programs that open a serial port."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Annotated

import typer

from pyavr_sim.budgets import Cost
from pyavr_sim.chip import Chip
from pyavr_sim.commands.options import FirmwareFile, Hz, Mcu, Seed, load_target
from pyavr_sim.pty_port import PtyPort
from pyavr_sim.serial_url.address import parse_line
from pyavr_sim.serve import serve as serve_chip
from pyavr_sim.uart import Uart

__all__ = ["serve"]


def serve(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    uart: Annotated[
        int | None, typer.Option(help="Which UART; default: the chip's first.", min=0)
    ] = None,
    line: Annotated[
        str | None,
        typer.Option(
            metavar="RX,TX,BAUD",
            help="Instead of a UART, two pins of a firmware that times its bits: B3,B4,57600.",
        ),
    ] = None,
    full_speed: Annotated[
        bool, typer.Option("--full-speed", help="As fast as it goes; default: the chip's clock.")
    ] = False,
    symlink: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A second name for the port.")
    ] = None,
) -> None:
    """Put a chip behind a serial port: its name is the first line printed.

    Whoever opens the port resets the chip, as on an Arduino. Ctrl-C or SIGTERM ends it, with the
    chip's cost. Run it twice for two chips.
    """
    target = load_target(firmware, mcu)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Chip(target.chip.name, target.firmware, hz=hz, seed=seed) as chip:
        cable = _cable(chip, uart, line)
        with suppress(KeyboardInterrupt), PtyPort(symlink) as port:
            typer.echo(port.path)
            speed = "as fast as it goes" if full_speed else f"{chip.hz / 1e6:g} MHz"
            typer.echo(f"{target}, {speed}; Ctrl-C ends it", err=True)
            serve_chip(
                chip,
                cable,
                port,
                is_real_time=not full_speed,
                tell=lambda text: typer.echo(text, err=True),
            )
        typer.echo(f"{chip.cycle:,} cycles\n{Cost.of_run(chip)}", err=True)


def _cable(chip: Chip, uart: int | None, line: str | None) -> Uart:
    if line is None:
        return chip.uart(min(chip.description.uarts, default=0) if uart is None else uart)
    if uart is not None:
        raise typer.BadParameter("--uart and --line both name a port; give one of them.")
    try:
        return chip.serial_line(*astuple(parse_line(line)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
