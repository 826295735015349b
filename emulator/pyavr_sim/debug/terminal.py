# SPDX-License-Identifier: GPL-3.0-or-later
"""Connects the chip's UART 0 with the terminal that the server was started in."""

from __future__ import annotations

import os
import select
import socket
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["Terminal"]

READ_BYTES = 4096


class Terminal:
    """What the chip sends is shown; what is typed goes to the chip.

    Args:
        chip: A chip; one without UART has nothing to say.
        screen: Takes the bytes.
        keyboard: An open file with a descriptor, or None: nothing is typed.
    """

    def __init__(self, chip: Chip, screen: BinaryIO, keyboard: BinaryIO | None) -> None:
        self._uart = chip.uart(0) if 0 in chip.description.uarts else None
        self._screen = screen
        self._keyboard = keyboard if self._uart else None

    def show(self) -> None:
        """Show what the chip has sent."""
        if self._uart and self._uart.pending:
            self._screen.write(self._uart.read())
            self._screen.flush()

    def wait_for(self, source: socket.socket, *, is_patient: bool) -> bool:
        """Look whether a socket has something, and serve the terminal; is_patient: until it has."""
        self.show()
        while True:
            sources: list[socket.socket | BinaryIO] = [source]
            sources += [self._keyboard] if self._keyboard else []
            ready, _, _ = select.select(sources, [], [], None if is_patient else 0)
            if self._keyboard in ready:
                self._take()
            if source in ready or not is_patient:
                return source in ready

    def _take(self) -> None:
        assert self._keyboard
        assert self._uart
        typed = os.read(self._keyboard.fileno(), READ_BYTES)
        if typed:
            self._uart.write(typed)
        else:
            self._keyboard = None  # its end
