# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firmware takes of a chip, and what it may take. Nothing here reads files or runs chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from pyavr_sim.errors import BudgetFileError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip
    from pyavr_sim.firmware import Firmware

__all__ = ["QUANTITIES", "Budget", "Cost", "Excess", "check_known", "excesses", "largest"]

QUANTITIES = ("flash_bytes", "static_bytes", "stack_bytes", "sram_bytes", "cycles")
"""What can be limited, in the order in which it is told."""
_STATIC = ("static_bytes", "sram_bytes")


@dataclass(frozen=True)
class Cost:
    """What a firmware takes; None: not measured, or unknown as the static data of Intel HEX.

    Attributes:
        flash_bytes: Flash that its image programs.
        static_bytes: SRAM of .data, .bss and .noinit.
        stack_bytes: Most stack in use at any moment of a run.
        sram_bytes: ``static_bytes`` and ``stack_bytes`` together.
        cycles: Of the run, since power-up.
    """

    flash_bytes: int | None = None
    static_bytes: int | None = None
    stack_bytes: int | None = None
    sram_bytes: int | None = None
    cycles: int | None = None

    @classmethod
    def of_image(cls, firmware: Firmware) -> Cost:
        """What is known without running it."""
        return cls(flash_bytes=firmware.flash_bytes, static_bytes=firmware.static_bytes)

    @classmethod
    def of_run(cls, chip: Chip) -> Cost:
        """What a chip's firmware took from power-up until now."""
        return cls(
            chip.firmware.flash_bytes if chip.firmware else None,
            chip.static_bytes,
            chip.stack_high_water,
            chip.sram_high_water,
            chip.cycle,
        )

    def __str__(self) -> str:
        """Of a run: ``"flash 366 B, SRAM 71 B (63 static, 8 stack)"``."""
        if self.static_bytes is None:
            return f"flash {self.flash_bytes:,} B, stack {self.stack_bytes:,} B"
        parts = f"{self.static_bytes:,} static, {self.stack_bytes:,} stack"
        return f"flash {self.flash_bytes:,} B, SRAM {self.sram_bytes:,} B ({parts})"


@dataclass(frozen=True)
class Budget:
    """The most that a firmware may take of each quantity of :class:`Cost`; None: no limit."""

    flash_bytes: int | None = None
    static_bytes: int | None = None
    stack_bytes: int | None = None
    sram_bytes: int | None = None
    cycles: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            limit = getattr(self, field.name)
            if limit is not None and (type(limit) is not int or limit < 0):
                raise ValueError(
                    f"{field.name} is limited to {limit!r}; expected a whole number from 0"
                )


@dataclass(frozen=True)
class Excess:
    """One quantity over its limit.

    Attributes:
        what: A name of :data:`QUANTITIES`.
        found: What it was.
        limit: The most that it might have been.
    """

    what: str
    found: int
    limit: int

    def __str__(self) -> str:
        name, unit = self.what.removesuffix("_bytes"), "bytes" * self.what.endswith("_bytes")
        over = self.found - self.limit
        return f"{name} {self.found:,} {unit}".rstrip() + f", {over:,} over {self.limit:,}"


def check_known(firmware: Firmware, budget: Budget) -> None:
    """Make sure that a firmware tells what its budget limits.

    Raises:
        BudgetFileError: It does not: Intel HEX has no static data.
    """
    limits = [what for what in _STATIC if getattr(budget, what) is not None]
    if limits and firmware.static_bytes is None:
        raise BudgetFileError(
            f"{' and '.join(limits)} of {firmware.path} cannot be held to a limit: Intel HEX does "
            "not tell its static data. Give the .elf of the build, or limit stack_bytes."
        )


def excesses(cost: Cost, budget: Budget) -> list[Excess]:
    """What is over budget; a quantity that was not measured never is."""
    return [
        Excess(what, found, limit)
        for what in QUANTITIES
        if (found := getattr(cost, what)) is not None
        and (limit := getattr(budget, what)) is not None
        and found > limit
    ]


def largest(costs: Sequence[Cost]) -> Cost:
    """The most of each quantity in any of these; None where none measured it."""
    columns = ([getattr(cost, what) for cost in costs] for what in QUANTITIES)
    return Cost(*(max((n for n in column if n is not None), default=None) for column in columns))
