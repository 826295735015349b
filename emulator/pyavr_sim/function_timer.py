# SPDX-License-Identifier: GPL-3.0-or-later
"""How many cycles a function takes."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import PyavrSimError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["FunctionTimer"]


class FunctionTimer:
    """Cycles from a function's first instruction to the end of its return, measured in C.

    ``chip.time("name")`` starts one. Inclusive: callees and interrupts count. The CALL that leads
    there does not. Recursive calls are part of the outermost one; calls that have not returned
    yet are not counted, nor are calls that ended by a reset.

    Attributes:
        name: The function.
        address: Its flash byte address.
    """

    def __init__(self, chip: Chip, name: str, address: int) -> None:
        self._chip = chip
        self.name = name
        self.address = address
        with chip.engine.use() as handle:
            self._handle = lib.sim_timing_add(handle, address)
        if self._handle < 0:
            raise PyavrSimError("64 functions are timed already; a chip times no more at once.")

    def __repr__(self) -> str:
        return f"<{self.name}: {self.calls} calls, {self.cycles_mean:.1f} cycles each>"

    def _result(self, field: str) -> int:
        result = ffi.new("sim_timing *")
        with self._chip.engine.use() as handle:
            lib.sim_timing_get(handle, self._handle, result)
        return int(getattr(result, field))

    @property
    def calls(self) -> int:
        """Calls that have returned."""
        return self._result("calls")

    @property
    def cycles_total(self) -> int:
        """Cycles of all calls."""
        return self._result("cycles_total")

    @property
    def cycles_min(self) -> int:
        """Cycles of the shortest call; 0 before the first."""
        return self._result("cycles_min")

    @property
    def cycles_max(self) -> int:
        """Cycles of the longest call; 0 before the first."""
        return self._result("cycles_max")

    @property
    def cycles_mean(self) -> float:
        """Cycles of a call on average; nan before the first."""
        calls = self.calls
        return self.cycles_total / calls if calls else nan
