# SPDX-License-Identifier: GPL-3.0-or-later
"""The chip that a command is to speak to: behind a named port, or emulated for the purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kilolearn import firmware
from kilolearn.emulator import emulated_chip, port_url
from kilolearn.errors import PortError
from kilolearn.link import Link, link_over
from kilolearn.port import BAUD, open_port

__all__ = ["Target", "open_target"]


class Target(NamedTuple):
    """An open link, and the emulated chip behind it, or None for a real one."""

    link: Link
    chip: Any


@contextmanager
def open_target(
    app: str,
    config: str | None,
    port: str | None,
    mcu: str | None,
    baud: int = BAUD,
    timeout: float = 1.0,
) -> Iterator[Target]:
    """Open a learner.

    Args:
        app: A learner of avr/apps; with a port, only what the chip is expected to be.
        config: Its variant.
        port: A pyserial URL, or None to emulate `mcu`.
        mcu: The chip to build for and emulate, when there is no port.
        baud: As for `kilolearn.link.link_over`.
        timeout: Longest wait for one reply, seconds.

    Raises:
        PortError: Neither port nor mcu given, or both.
        LinkError: Nobody answers.
        BuildError: The firmware does not build, or is none that takes samples.
    """
    if (port is None) == (mcu is None):
        raise PortError("give either --port, a pyserial URL, or --mcu, a chip to emulate")
    firmware.require_learner(app)
    url = port if port is not None else port_url(firmware.build(app, str(mcu), config), str(mcu))
    with open_port(url, baud or BAUD, timeout) as opened:
        yield Target(link_over(opened, baud), emulated_chip(opened))
