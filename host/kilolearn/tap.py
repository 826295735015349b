# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal through which another program uses a port that this one has open."""

from __future__ import annotations

import os
import select
import tty
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Tap", "open_tap"]

_PIECE_BYTES = 4096


class Tap:
    """The side of a pseudo-terminal that stands for the board.

    Attributes:
        path: ``/dev/pts/N``, for the other program's --port.
    """

    def __init__(self, master: int, path: str) -> None:
        self.path = path
        self._master = master

    def receive(self) -> bytes:
        """What the other program has sent; perhaps nothing."""
        try:
            return os.read(self._master, _PIECE_BYTES)
        except OSError:  # Nothing there, or nobody.
            return b""

    def send(self, data: bytes) -> None:
        """Pass bytes on; where nobody listens they are lost, as on a cable."""
        listener = select.poll()
        listener.register(self._master, select.POLLOUT)
        if any(events & select.POLLHUP for _, events in listener.poll(0)):
            return
        try:
            os.write(self._master, data)
        except BlockingIOError:  # Nobody has read for kilobytes.
            return


@contextmanager
def open_tap() -> Iterator[Tap]:
    """Make one.

    Raises:
        OSError: There is no pseudo-terminal to be had.
    """
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        path = os.ttyname(slave)
    finally:
        os.close(slave)
    os.set_blocking(master, False)
    try:
        yield Tap(master, path)
    finally:
        os.close(master)
