# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn devices``: the serial ports, and what answers at each."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.devices import find_devices

__all__ = ["run"]


def run(
    ports: Annotated[
        list[str] | None,
        typer.Argument(help="Ports that the system does not list, e.g. /dev/pts/3."),
    ] = None,
) -> None:
    """List the serial ports with what answers: a learner, a boot loader or programmer, nothing.

    Each port is opened and asked, which resets an Arduino; one that is in use is left alone.
    """
    found = list(find_devices(ports or []))
    if not found:
        typer.echo("no serial port: plug a board in, or name one; `kilolearn doctor` looks further")
    for device in found:
        typer.echo(f"{device.port} ({device.hardware}): {device.answer}")
