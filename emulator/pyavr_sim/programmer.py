# SPDX-License-Identifier: GPL-3.0-or-later
"""A programmer at one port, the chip that it programs at another one."""

from __future__ import annotations

from collections.abc import Callable

from pyavr_sim.board_at_port import IDLE_SECONDS, BoardAtPort
from pyavr_sim.chip import Chip
from pyavr_sim.isp import IspTarget
from pyavr_sim.pty_port import PtyPort
from pyavr_sim.stk500 import Stk500

__all__ = ["Programmer"]

PIECE_BYTES = 4096


class Programmer:
    """An STK500 with a chip in its socket, which runs whenever it is not programmed.

    Args:
        chip: The chip; without a firmware it is erased, and stands until it has one.
        port: The programmer's.
        board: The same chip at a port of its own; None where it has none.
        tell: Takes a line for each time that programming has ended.
    """

    def __init__(
        self,
        chip: Chip,
        port: PtyPort,
        board: BoardAtPort | None,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._chip, self._port, self._board, self._tell = chip, port, board, tell
        self._session = Stk500(IspTarget(chip))
        self._has_firmware = bool((chip.flash != 0xFF).any())

    def step(self) -> None:
        """Answer the programmer's port, and let the chip run for a while where it may."""
        running = None if self._session.is_programming or not self._has_firmware else self._board
        patience_seconds = 0 if running else IDLE_SECONDS
        if self._port.was_opened(0 if self._port.is_open else patience_seconds):
            self._session.start_over()
        was_programming = self._session.is_programming
        self._port.send(self._session.feed(self._port.receive(PIECE_BYTES, patience_seconds)))
        if was_programming and not self._session.is_programming:
            self._start_chip()
        elif running:
            running.step()

    def _start_chip(self) -> None:
        self._has_firmware = bool((self._chip.flash != 0xFF).any())
        self._tell("programmed: the chip starts over" if self._has_firmware else "erased")
        if self._board is not None:
            self._board.start_over()
