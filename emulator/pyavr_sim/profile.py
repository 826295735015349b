# SPDX-License-Identifier: GPL-3.0-or-later
"""How often each instruction was executed, and how many cycles that took; exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import ffi, lib

if TYPE_CHECKING:
    from pyavr_sim.names import Names

__all__ = ["Executions", "FunctionCost", "Profile"]


@dataclass(frozen=True)
class FunctionCost:
    """What the instructions of a function took, callees not included.

    Attributes:
        instructions: How many were executed.
        cycles: How many they took.
    """

    instructions: int
    cycles: int


@dataclass(frozen=True, eq=False)
class Executions:
    """How often each instruction was executed.

    Attributes:
        hits: Executions of the instruction at word w, byte address 2 w; (words,) uint64.
        taken: How often the conditional branch or skip there was taken, (words,) uint64.
    """

    hits: np.ndarray
    taken: np.ndarray


@dataclass(frozen=True, eq=False)
class Profile(Executions):
    """Executions and cycles since power-up, by instruction.

    ``cycles.sum() + cycles_asleep + cycles_interrupt_response + cycles_halted == chip.cycle``,
    unless Python moved the clock.

    Attributes:
        hits: As in :class:`Executions`, of all flash words; so for all below.
        taken: As in :class:`Executions`.
        cycles: Cycles that the instructions took, (flash words,) uint64.
        cycles_asleep: Between a SLEEP and the interrupt that ends it.
        cycles_interrupt_response: From the last instruction before an interrupt to the vector.
        cycles_halted: While EEPROM or flash was at work and the CPU stood still.
        names: Of the firmware.
    """

    cycles: np.ndarray
    cycles_asleep: int
    cycles_interrupt_response: int
    cycles_halted: int
    names: Names

    def __repr__(self) -> str:
        return f"<Profile of {self.hits.sum()} instructions in {self.cycles_total} cycles>"

    @property
    def cycles_total(self) -> int:
        """All cycles since power-up."""
        between = self.cycles_asleep + self.cycles_interrupt_response + self.cycles_halted
        return int(self.cycles.sum()) + between

    def by_function(self) -> dict[str | None, FunctionCost]:
        """Sum over the instructions of each function, the dearest first; None: of no function."""
        sums: dict[str | None, list[int]] = {}
        for word in np.flatnonzero(self.hits).tolist():
            entry = sums.setdefault(self.names.function_at(2 * word), [0, 0])
            entry[0] += int(self.hits[word])
            entry[1] += int(self.cycles[word])
        dearest = sorted(sums.items(), key=lambda item: -item[1][1])
        return {name: FunctionCost(*entry) for name, entry in dearest}


def read_profile(handle: Any, names: Names, flash_bytes: int) -> Profile:
    """Copy the counts of an engine that tracks."""
    hits = np.zeros(flash_bytes // 2, np.uint64)
    cycles = np.zeros(flash_bytes // 2, np.uint64)
    taken = np.zeros(flash_bytes // 2, np.uint64)
    between = ffi.new("sim_cycles_between *")
    lib.sim_profile(
        handle,
        ffi.from_buffer("uint64_t[]", hits, require_writable=True),
        ffi.from_buffer("uint64_t[]", cycles, require_writable=True),
        ffi.from_buffer("uint64_t[]", taken, require_writable=True),
        between,
    )
    return Profile(
        hits,
        taken,
        cycles,
        between.asleep,
        between.interrupt_response,
        between.halted,
        names,
    )
