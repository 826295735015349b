# SPDX-License-Identifier: GPL-3.0-or-later
"""Any pyserial port, with its errors as ours."""

from __future__ import annotations

import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import serial

from kilolearn.errors import PortError
from kilolearn.port_state import is_device, require_free

__all__ = ["AUTO_BAUD", "BAUD", "BAUDS", "Port", "guarded", "open_port"]

BAUD = 500_000
"""Baud rate of the firmware unless it was built with another."""

AUTO_BAUD = 0
"""Instead of a baud rate: find it."""

BAUDS = (500_000, 115_200, 57_600, 38_400, 250_000, 1_000_000, 19_200, 9600)
"""The rates that are tried to find one, in this order."""

A = TypeVar("A")
R = TypeVar("R")


class Port(Protocol):
    """What a link needs of a serial port; pyserial's have it, and `baudrate` besides."""

    timeout: float | None

    def read(self, size: int = 1, /) -> bytes:
        """At most `size` bytes, fewer when `timeout` seconds pass."""

    def write(self, data: bytes, /) -> int | None:
        """Send."""


@contextmanager
def open_port(url: str, baud: int = BAUD, timeout: float = 1.0) -> Iterator[serial.SerialBase]:
    """Open a pyserial port; arguments and errors as for `kilolearn.link.open_link`."""
    if url.startswith("avrsim:"):
        from kilolearn.emulator import register_emulated_ports  # noqa: PLC0415 - optional

        register_emulated_ports()
    if is_device(url):
        require_free(url)
    try:
        port = serial.serial_for_url(url, baudrate=baud, timeout=timeout)
    except (serial.SerialException, ValueError) as error:
        raise PortError(
            f"{url}: cannot be opened ({error}); expected a serial device that is yours to open, "
            f"or a pyserial URL"
        ) from error
    try:
        yield port
    except serial.SerialException as error:  # of a setting, e.g. timeout, after it was unplugged
        raise PortError(f"{url}: the port failed: {error}; is it still plugged in?") from error
    finally:
        port.close()


def guarded(call: Callable[[A], R], argument: A) -> R:
    """Call a method of a port; a failing port becomes a PortError."""
    try:
        return call(argument)
    except (OSError, termios.error) as error:  # a SerialException is an OSError
        raise PortError(
            f"the port failed ({error}): it was unplugged, or another program took it; plug it in, "
            f"close the other program, and start again"
        ) from error
