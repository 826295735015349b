# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions that end a run, for ``chip.run(cycles_max, until=...)``.

All but a Python callable are tested in C, after every instruction. A callable is asked between
slices of :data:`SLICE_CYCLES`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["SLICE_CYCLES", "Condition", "address", "ended", "symbol", "uart_bytes", "value"]

SLICE_CYCLES = 1_000
"""How many emulated cycles pass between two calls of a Python condition."""

_COMPARISONS = ("==", "!=", "<", ">=")


@dataclass(frozen=True)
class Symbol:
    """Wait for a function or label by name."""

    name: str

    def __str__(self) -> str:
        return f"symbol {self.name!r}"


@dataclass(frozen=True)
class Address:
    """Wait for a flash byte address."""

    address: int

    def __str__(self) -> str:
        return f"flash address 0x{self.address:04X}"


@dataclass(frozen=True)
class UartBytes:
    """Wait for bytes that the firmware sends."""

    count: int
    uart: int

    def __str__(self) -> str:
        return f"{self.count} bytes from UART {self.uart}"


@dataclass(frozen=True)
class Value:
    """Wait for a comparison in the data space."""

    target: str | int
    comparison: str
    number: int
    size_bytes: int
    signed: bool

    def __str__(self) -> str:
        at = self.target if isinstance(self.target, str) else f"data address 0x{self.target:04X}"
        return f"{at} {self.comparison} {self.number}"


@dataclass(frozen=True)
class Ended:
    """Wait for the firmware's end."""

    def __str__(self) -> str:
        return "the firmware's end"


Condition = Symbol | Address | UartBytes | Value | Ended | Callable[["Chip"], bool]


def symbol(name: str) -> Symbol:
    """Stop before the first instruction of a function, or at a label.

    At least one instruction runs, so that running on from there finds the next time.
    """
    if not isinstance(name, str):
        raise TypeError(f"a symbol is a str such as 'main'; found {name!r}")
    return Symbol(name)


def address(byte_address: int) -> Address:
    """Stop before the instruction at a flash byte address (twice the word address)."""
    found = operator.index(byte_address)
    if found < 0 or found % 2:
        raise ValueError(f"an instruction has an even, positive byte address; found {found}")
    return Address(found)


def uart_bytes(count: int, uart: int = 0) -> UartBytes:
    """Stop as soon as the firmware has sent so many bytes that were not read yet."""
    found = operator.index(count)
    if found < 1:
        raise ValueError(f"count must be at least 1; found {found}")
    return UartBytes(found, operator.index(uart))


def value(
    target: str | int, comparison: str, number: int, *, size_bytes: int = 1, signed: bool = False
) -> Value:
    """Stop when an integer variable compares so with a number.

    Args:
        target: A variable's name or path, whose type says size and sign; or a data address.
        comparison: ``"=="``, ``"!="``, ``"<"`` or ``">="``.
        number: What to compare with.
        size_bytes: 1, 2 or 4, for a data address; little endian.
        signed: For a data address.
    """
    if comparison not in _COMPARISONS:
        raise ValueError(f"expected one of {' '.join(_COMPARISONS)}; found {comparison!r}")
    if size_bytes not in (1, 2, 4):
        raise ValueError(f"size_bytes must be 1, 2 or 4; found {size_bytes!r}")
    if not isinstance(target, str):
        target = operator.index(target)
    return Value(target, comparison, operator.index(number), size_bytes, signed)


def ended() -> Ended:
    """Stop when the firmware sleeps with interrupts off, which is for good."""
    return Ended()
