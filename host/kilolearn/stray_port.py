# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip that hangs, so that only its watchdog can help."""

from __future__ import annotations

from typing import Any

import numpy as np

from kilolearn.emulator import emulated_chip, load_emulator
from kilolearn.errors import BadReplyError
from kilolearn.firmware import contract
from kilolearn.frames import decode

__all__ = ["StrayPort"]

_STEP_CYCLES_MAX = 5_000_000
"""From a TRAIN's last byte to its step: more than ten times the usual."""


class StrayPort:
    """A port behind which the chip sometimes jumps into an endless loop while it trains.

    The jump comes after TRAIN has arrived, at a cycle drawn evenly by its logarithm, so that short
    steps and long checkpoints are both hit; not if the chip answers before.

    Args:
        port: An emulated chip's.
        share: Of the TRAIN requests that are tried, 0-1.
        cycles_max: Latest jump after a step has begun.
        seed: Of when.
    """

    def __init__(self, port: Any, share: float, cycles_max: int, seed: int) -> None:
        self._port, self._chip = port, emulated_chip(port)
        self._share, self._cycles_max = share, cycles_max
        self._draw = np.random.default_rng(seed)
        self._train = contract().constant("COMMAND_TRAIN")
        self._loop = self._chip.names.code_address("__stop_program")
        self._is_due = False

    @property
    def timeout(self) -> float | None:
        """Of the port behind."""
        seconds: float | None = self._port.timeout
        return seconds

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._port.timeout = seconds

    @property
    def resets(self) -> int:
        """How often the watchdog has reset the chip."""
        return int(self._chip.resets)

    def write(self, data: bytes, /) -> int | None:
        """Send; a TRAIN may make the chip stray."""
        try:
            self._is_due = decode(data.rstrip(b"\0")).command == self._train
        except BadReplyError:
            self._is_due = False
        sent: int | None = self._port.write(data)
        return sent

    def read(self, size: int = 1, /) -> bytes:
        """Receive; a chip that is to stray does so on the way."""
        if self._is_due:
            self._is_due = False
            if self._draw.random() < self._share:
                self._stray()
        received: bytes = self._port.read(size)
        return received

    def _stray(self) -> None:
        emulator = load_emulator()
        try:
            self._chip.run(_STEP_CYCLES_MAX, emulator.until.symbol("learner_train"))
        except emulator.CycleLimitError:
            return  # it was no step to be taken
        wait = round(self._cycles_max ** self._draw.random())
        try:
            self._chip.run(wait, emulator.until.uart_bytes(1))
        except emulator.CycleLimitError:
            self._chip.pc = self._loop
