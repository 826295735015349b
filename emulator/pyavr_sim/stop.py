# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a run stopped, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Stop", "StopReason"]


class StopReason(Enum):
    """What ended a run that ended well."""

    CYCLES = "cycles"
    """``cycles_max`` cycles have passed."""
    ENDED = "ended"
    """The firmware sleeps with interrupts off, and no watchdog is to reset it: nothing can ever
    happen again."""
    ADDRESS = "address"
    """The next instruction is the one that was waited for."""
    UART_BYTES = "uart_bytes"
    """A UART has sent as many bytes as were waited for."""
    VALUE = "value"
    """A comparison in SRAM holds."""
    HIT = "hit"
    """A debugger's breakpoint, or an access to a byte that it watches."""
    CONDITION = "condition"
    """A Python condition returned true."""


@dataclass(frozen=True)
class Stop:
    """The end of a run.

    Attributes:
        reason: What ended it.
        cycle: Cycles since power-up.
        pc: Byte address of the next instruction.
    """

    reason: StopReason
    cycle: int
    pc: int
