# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal that stands for a board's serial port.

The program on the other side opens ``/dev/pts/N`` as it would open ``/dev/ttyUSB0``. A
pseudo-terminal has no DTR line, so what an Arduino's DTR tells is taken from the opening itself,
by inotify: a close and an open that follow at once are both seen, which polling would miss.
"""

from __future__ import annotations

import os
import select
import tty
from pathlib import Path

from inotify_simple import INotify, flags

from pyavr_sim.errors import PortError

__all__ = ["PtyPort"]

_PIECE_BYTES = 4096


class PtyPort:
    """The board's side of a pseudo-terminal.

    Args:
        symlink: A name for it, such as ``/tmp/ttyAVR0``; a dangling link of that name is replaced.

    Attributes:
        path: ``/dev/pts/N``, for the program on the other side.

    Raises:
        PortError: Something else has the name of the link.
        OSError: There is no pseudo-terminal to be had.
    """

    def __init__(self, symlink: Path | None = None) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self._master, False)
        self._poll = select.poll()
        self._poll.register(self._master, select.POLLOUT)
        self._openings = INotify(nonblocking=True)
        self._openings.add_watch(self.path, flags.OPEN | flags.CLOSE_WRITE | flags.CLOSE_NOWRITE)
        self._holders = 0
        self._unsent = b""
        self._symlink = symlink
        if symlink is not None:
            self._link(symlink)

    def __enter__(self) -> PtyPort:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the port away; whoever has it open reads its end."""
        if self._symlink is not None:
            self._symlink.unlink(missing_ok=True)
        self._openings.close()
        os.close(self._master)

    def was_opened(self, seconds: float = 0) -> bool:
        """Whether a program has opened the port that none had open, since this was last asked.

        What the last program has not read is the next one's, who empties the buffer first, as
        pyserial does.

        Args:
            seconds: Wait so long for it.
        """
        was_opened = False
        for event in self._openings.read(timeout=round(1000 * seconds)):
            if event.mask & flags.OPEN:
                was_opened |= not self._holders
                self._holders += 1
            else:
                self._holders = max(0, self._holders - 1)
        if self._is_hung_up():
            self._holders = 0
        if was_opened or not self._holders:
            self._unsent = b""
        return was_opened

    @property
    def is_open(self) -> bool:
        """Whether a program had the port open when :meth:`was_opened` was last asked."""
        return self._holders > 0

    def _is_hung_up(self) -> bool:
        """Whether nobody has it open. Equal events in a row come as one, so counting may err."""
        return any(events & select.POLLHUP for _, events in self._poll.poll(0))

    @property
    def is_behind(self) -> bool:
        """Whether bytes that were sent wait, since the program on the other side reads none."""
        self._push()
        return bool(self._unsent)

    def receive(self, size: int, seconds: float = 0) -> bytes:
        """Take at most `size` bytes that the program has written; perhaps none.

        Args:
            size: How many.
            seconds: Wait so long for the first one, while a program has the port open.
        """
        if seconds and self.is_open:
            select.select([self._master], [], [], seconds)
        try:
            return os.read(self._master, size)
        except OSError:  # Nothing there, or nobody.
            return b""

    def send(self, octets: bytes) -> None:
        """Send bytes; without a program on the other side they are lost, as on a cable."""
        if self.is_open:
            self._unsent += octets
            self._push()

    def _push(self) -> None:
        try:
            while self._unsent:
                sent = os.write(self._master, self._unsent[:_PIECE_BYTES])
                self._unsent = self._unsent[sent:]
        except BlockingIOError:
            pass

    def _link(self, symlink: Path) -> None:
        if symlink.is_symlink() and not symlink.exists():
            symlink.unlink()
        try:
            symlink.symlink_to(self.path)
        except FileExistsError:
            self._symlink = None
            self.close()
            raise PortError(
                f"found a file called {symlink}; expected a free name for the port. Remove it, or "
                "choose another."
            ) from None
