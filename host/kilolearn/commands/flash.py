# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn flash``: a firmware into the chip on a board."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn import firmware
from kilolearn.avrdude import Avrdude, Board, is_boot_loader
from kilolearn.commands.options import Config, Timeout
from kilolearn.flash import build_image, firmware_baud, hear, prepare_fuses, write
from kilolearn.port_state import is_device, require_free

__all__ = ["run"]

_BOOT_BYTES = 2048


def run(
    app: Annotated[str, typer.Argument(help="A firmware of avr/apps, e.g. digits.")],
    mcu: Annotated[str, typer.Option(help="The chip on the board, e.g. attiny1634.")],
    programmer: Annotated[
        str,
        typer.Option(
            help="As avrdude names it: arduino (a boot loader), usbtiny, usbasp, stk500v1..."
        ),
    ],
    port: Annotated[
        str | None, typer.Option(help="Of the programmer or boot loader; USB ones need none.")
    ] = None,
    config: Config = None,
    hz: Annotated[int | None, typer.Option(help="Clock; default: the chip's usual.", min=1)] = None,
    fuses: Annotated[
        bool, typer.Option("--fuses", help="Change the fuses that the firmware needs otherwise.")
    ] = False,
    programmer_baud: Annotated[
        int | None, typer.Option(help="Of the programmer's line; default: avrdude's.", min=1)
    ] = None,
    boot_bytes: Annotated[
        int | None,
        typer.Option(help=f"Flash that a boot loader has; default {_BOOT_BYTES}.", min=0),
    ] = None,
    link_port: Annotated[
        str | None,
        typer.Option(help="Where the firmware answers, if not at the boot loader's port."),
    ] = None,
    link_baud: Annotated[
        int | None, typer.Option(help="Of the firmware's line; default: as built.", min=1)
    ] = None,
    timeout: Timeout = 1.0,
) -> None:
    """Build a firmware, write it into a chip by avrdude, verify it, and hear the chip.

    Exit codes: 0 done; 2 bad usage, image or port, nothing was written; 10 the board could not be
    programmed.
    """
    avrdude = Avrdude()
    _check(avrdude, programmer, fuses, boot_bytes)
    for device in (port, link_port):
        if device is not None and is_device(device):
            require_free(device)
    if boot_bytes is None:
        boot_bytes = _BOOT_BYTES if is_boot_loader(programmer) else 0
    image = build_image(app, mcu, config, hz, boot_bytes, typer.echo)
    board = Board(mcu, programmer, port, programmer_baud)
    changes = prepare_fuses(avrdude, image, board, fuses, typer.echo)
    write(avrdude, image, board, changes, typer.echo)
    answers_at = link_port or (port if is_boot_loader(programmer) else None)
    if app not in firmware.learners():
        typer.echo(f"{app} takes no samples over a line: it was not asked what it is")
    elif answers_at is None:
        typer.echo("give --link-port, the chip's own serial line, to hear from it")
    else:
        found = hear(image, answers_at, link_baud or firmware_baud(mcu), timeout)
        typer.echo(f"the chip answers: {found.in_words()}")


def _check(avrdude: Avrdude, programmer: str, fuses: bool, boot_bytes: int | None) -> None:
    known = avrdude.programmers()
    if programmer not in known:
        raise typer.BadParameter(
            f"avrdude {avrdude.version} knows no {programmer!r}; expected arduino, usbtiny, "
            f"usbasp, stk500v1 or another of its {len(known)}: avrdude -c ?",
            param_hint="--programmer",
        )
    if fuses and is_boot_loader(programmer):
        raise typer.BadParameter(
            "a boot loader cannot change fuses; use a programmer on the six ISP wires",
            param_hint="--fuses",
        )
    if boot_bytes is not None and not is_boot_loader(programmer):
        raise typer.BadParameter(
            f"{programmer} needs no boot loader: leave it out", param_hint="--boot-bytes"
        )
