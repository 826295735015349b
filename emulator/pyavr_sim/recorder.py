# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches one run of a chip: divides it into slices, and lets the engine keep calls and changes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import lib
from pyavr_sim.errors import SymbolError
from pyavr_sim.pieces import EngineRun, run_in_pieces

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip
    from pyavr_sim.variables import Variable

__all__ = ["Recorder"]

SLICE_CYCLES = 256
"""Length of a slice at first."""
_ACCESS = 3  # read, written


class Recorder:
    """Records a chip from now to :meth:`end`; one at a time.

    Args:
        chip: It must be tracking.
        slices: Most slices, an even number.
        variables: Paths of variables in SRAM whose changes are kept.

    Raises:
        SymbolError: A variable is unknown, not in SRAM, or larger than 8 bytes.
        ValueError: ``slices`` is odd or less than 2.
    """

    def __init__(self, chip: Chip, slices: int, variables: Sequence[str]) -> None:
        self._most = operator.index(slices)
        if self._most < 2 or self._most % 2:
            raise ValueError(f"slices must be an even number from 2; found {slices}")
        self.variables: list[Variable] = [_in_sram(chip, name) for name in variables]
        self._chip = chip
        self._length = SLICE_CYCLES
        self._count = 0
        sram_bytes = chip.description.sram_bytes
        self._cycles = np.zeros(self._most, np.int64)
        self._sp_lowest = np.zeros(self._most, np.int64)
        self._sram = np.zeros((self._most, sram_bytes), np.uint8)
        self._access = np.zeros((self._most, sram_bytes), np.uint8)
        self._sram_now = chip.sram
        start = chip.description.sram_start
        self._touched = chip.engine.view("touched")[start : start + sram_bytes]
        with chip.engine.use() as handle:
            if not lib.sim_recording_begin(handle):
                raise MemoryError(f"no memory to record an {chip.name}")
            for variable in self.variables:
                lib.sim_recording_watch(handle, variable.address, variable.size_bytes)
            lib.sim_stack_window(handle)
            self._handle = handle
        self._last = chip.cycle
        chip.engine.recorder = self

    def end(self) -> None:
        """Stop recording, and forget what the engine has kept."""
        self._chip.engine.recorder = None
        with self._chip.engine.use() as handle:
            lib.sim_recording_end(handle)

    def run(self, run: EngineRun, cycles: int, until: Any) -> int:
        """Do what ``run`` does, in slices."""
        return run_in_pieces(self._handle, cycles, until, run, self._slice_if_due)

    def slices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """End cycle, lowest SP, SRAM and accesses of each slice, the last one as it is now."""
        if self._count == 0 or self._last < lib.sim_cycle(self._handle):
            self._add(int(lib.sim_cycle(self._handle)))
        rows = slice(self._count)
        return self._cycles[rows], self._sp_lowest[rows], self._sram[rows], self._access[rows]

    def _slice_if_due(self, now: int) -> int:
        if now >= self._last + self._length:
            self._add(now)
        return self._last + self._length

    def _add(self, now: int) -> None:
        if self._count == self._most:
            self._merge()
        row = self._count
        lowest = lib.sim_stack_window_lowest(self._handle)
        lib.sim_stack_window(self._handle)
        self._cycles[row] = self._last = now
        self._sp_lowest[row] = min(lowest, self._chip.description.sram_end)
        self._sram[row] = self._sram_now
        np.bitwise_and(self._touched, _ACCESS, out=self._access[row])
        self._count += 1

    def _merge(self) -> None:
        half = self._most // 2
        for array in (self._cycles, self._sram, self._access):
            array[:half] = array[1::2]
        self._sp_lowest[:half] = self._sp_lowest.reshape(half, 2).min(axis=1)
        self._count = half
        self._length *= 2


def _in_sram(chip: Chip, name: str) -> Variable:
    variable = chip.names.variable(name)
    is_inside = variable.space == "sram" and variable.address >= chip.description.sram_start
    if not is_inside or variable.size_bytes > 8:
        raise SymbolError(
            f"{name} takes {variable.size_bytes} bytes at 0x{variable.address:04X} in "
            f"{variable.space}; expected at most 8 bytes of SRAM. Name a member or an element."
        )
    return variable
