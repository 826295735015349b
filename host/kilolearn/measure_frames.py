# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip that serves frames, watched while it hears what it should not.

What the engine watches ends a run at once: accesses beyond SRAM and flash, a stack that grows into
variables, loads of SRAM that nothing has written, code that is none.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilolearn.emulator import load_emulator
from kilolearn.serve_model import Expected

__all__ = ["ServingChip", "Trouble", "TroubleKind", "Ways"]

Ways = NDArray[np.bool_]

_CYCLES_MAX = 2_000_000
_CYCLES_A_BYTE_MAX = 1_000
_CYCLES_A_REQUEST_MAX = 500_000
"""Emulated time to start, for a byte heard or said, and to do a valid request: each at least twice
what any image takes."""
_SILENT_CYCLES = 20_000


class TroubleKind(StrEnum):
    """What went wrong."""

    FAULT = "fault"
    """The engine found it; the message is its own."""
    HANG = "hang"
    """No answer, or less than one."""
    ANSWER = "answer"
    """Another answer than the model's."""
    STACK = "stack"
    """More of it than any valid request takes."""
    WEIGHTS = "weights"
    """A refused frame changed them, or a valid one to others than the twin's."""


class Trouble(NamedTuple):
    """Something that a chip must not do.

    Attributes:
        kind: What.
        heard: Bytes on the line that led to it.
        message: In words.
    """

    kind: TroubleKind
    heard: bytes
    message: str


class ServingChip:
    """One chip with a learner's image, up and listening.

    Args:
        elf: Of a learner, with its debug information.
        mcu: The chip; it has a UART.

    Attributes:
        stack_budget: Bytes of stack that it may take.
    """

    def __init__(self, elf: Path, mcu: str) -> None:
        self._emulator = load_emulator()
        policy = self._emulator.Policy(uninitialised_read="fault")
        self._chip = self._emulator.Chip(mcu, elf, seed=1, policy=policy)
        self._uart = self._chip.uart(0)
        self._chip.run(_CYCLES_MAX, self._emulator.until.uart_bytes(1))
        self._uart.read()
        self._net = self._chip.var("net")
        self.stack_budget = int(self._chip.description.sram_bytes)

    @property
    def stack_high_water(self) -> int:
        """Most bytes of stack in use so far."""
        return int(self._chip.stack_high_water)

    def weights(self) -> bytes:
        """The model, as it lies in SRAM."""
        return bytes(self._net.tobytes())

    def exchange(self, heard: bytes, expected: Expected) -> bytes:
        """Let it hear bytes, and say as many as are expected.

        Returns:
            What it has said, which is less when it took too long.

        Raises:
            pyavr_sim.FirmwareFault: It did what no chip can do sensibly.
        """
        self._uart.write(heard)
        size = len(expected.replies)
        if size == 0:
            self._chip.run(_SILENT_CYCLES)
            return bytes(self._uart.read())
        line = _CYCLES_A_BYTE_MAX * (len(heard) + size)
        limit = _CYCLES_MAX + line + _CYCLES_A_REQUEST_MAX * expected.done
        with suppress(self._emulator.CycleLimitError):
            self._chip.run(limit, self._emulator.until.uart_bytes(size))
        return bytes(self._uart.read())

    def hear(self, heard: bytes, expected: Expected) -> Trouble | None:
        """Let it hear bytes, and compare what it says."""
        try:
            said = self.exchange(heard, expected)
        except self._emulator.FirmwareFault as fault:
            return Trouble(TroubleKind.FAULT, heard, str(fault))
        if said != expected.replies:
            kind = TroubleKind.HANG if expected.replies.startswith(said) else TroubleKind.ANSWER
            message = f"it said {said.hex(' ')}; expected {expected.replies.hex(' ')}"
            return Trouble(kind, heard, message)
        if self.stack_high_water > self.stack_budget:
            took = f"{self.stack_high_water} B of stack; a valid request takes {self.stack_budget}"
            return Trouble(TroubleKind.STACK, heard, took)
        return None

    def ways(self) -> Ways:
        """Which ways it has gone since power-up, (2, flash words).

        Row 0: from the instruction there to the next one, or where a jump leads; row 1: by a
        branch or skip that was taken.
        """
        counted = self._chip.profile()
        return np.stack((counted.hits > counted.taken, counted.taken > 0))

    def snapshot(self) -> Any:
        """All that it is now."""
        return self._chip.snapshot()

    def restore(self, snapshot: Any) -> None:
        """Make it what it was, its ways and its stack too."""
        self._chip.restore(snapshot)

    def close(self) -> None:
        """Free it."""
        self._chip.close()
