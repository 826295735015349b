# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine found and counted while a chip ran, as the chip's properties."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import lib
from pyavr_sim.call_chain import CallChain, read_calls, read_calls_deepest
from pyavr_sim.errors import NotTrackedError
from pyavr_sim.findings import Finding, Policy, read_findings
from pyavr_sim.profile import Profile, read_profile
from pyavr_sim.sram_accesses import SramAccesses, read_sram_accesses

if TYPE_CHECKING:
    from pyavr_sim.chips import ChipDescription
    from pyavr_sim.engine import Engine
    from pyavr_sim.firmware import Firmware
    from pyavr_sim.names import Names

__all__ = ["Measured"]


class Measured(ABC):
    """A part of :class:`~pyavr_sim.Chip`.

    Attributes:
        tracking: Whether instructions, accesses and calls are counted.
    """

    engine: Engine
    description: ChipDescription
    firmware: Firmware | None
    tracking: bool
    _policy: Policy

    @property
    @abstractmethod
    def names(self) -> Names:
        """Addresses of names and names of addresses."""

    def _track(self, on: bool) -> None:
        self.tracking = on
        with self.engine.use() as handle:
            lib.sim_set_tracking(handle, on)

    @property
    def static_bytes(self) -> int | None:
        """SRAM that .data, .bss and .noinit of the firmware take; None: Intel HEX does not tell."""
        return self.firmware.static_bytes if self.firmware else 0

    @property
    def stack_high_water(self) -> int:
        """Most bytes of stack in use so far: from the lowest SP to the end of SRAM.

        Exact, interrupts included; the moment between the writes of SPH and SPL, when neither
        value is a stack pointer, does not count.
        """
        with self.engine.use() as handle:
            return self.description.sram_end - int(lib.sim_sp_lowest(handle))

    @property
    def sram_high_water(self) -> int | None:
        """Static data and stack high-water together, in bytes; None as :attr:`static_bytes`."""
        static_bytes = self.static_bytes
        return None if static_bytes is None else static_bytes + self.stack_high_water

    @property
    def sram_touched_map(self) -> np.ndarray:
        """Which SRAM bytes an instruction or interrupt has accessed, (sram_bytes,) bool, a copy."""
        touched = self.engine.view("touched")
        start, end = self.description.sram_start, self.description.sram_end
        return touched[start : end + 1].astype(bool)

    @property
    def sram_touched(self) -> int:
        """How many SRAM bytes were really read or written since power-up."""
        return int(self.sram_touched_map.sum())

    @property
    def policy(self) -> Policy:
        """What to do about what the firmware does wrong; may be set between runs."""
        return self._policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        with self.engine.use() as handle:
            policy.impose(handle)
        self._policy = policy

    @property
    def findings(self) -> list[Finding]:
        """What the firmware did wrong since power-up, faults included, oldest first."""
        with self.engine.use() as handle:
            return read_findings(handle, self.names)

    @property
    def findings_dropped(self) -> int:
        """How often something was found after 1,024 findings; those are not kept."""
        with self.engine.use() as handle:
            return int(lib.sim_findings_dropped(handle))

    @contextmanager
    def _tracked(self) -> Iterator[Any]:
        if not self.tracking:
            raise NotTrackedError(
                f"this {self.description.name} was made with tracking=False and counts nothing. "
                "Make it with tracking=True."
            )
        with self.engine.use() as handle:
            yield handle

    def profile(self) -> Profile:
        """Executions and cycles of every instruction so far.

        Raises:
            NotTrackedError: The chip was made with ``tracking=False``; so for all below.
        """
        with self._tracked() as handle:
            return read_profile(handle, self.names, self.description.flash_bytes)

    @property
    def sram_accesses(self) -> SramAccesses:
        """First write, last access and owner of every SRAM byte so far."""
        start, end = self.description.sram_start, self.description.sram_end
        with self._tracked() as handle:
            return read_sram_accesses(handle, self.names, start, end)

    @property
    def calls(self) -> CallChain:
        """Calls that have not returned yet, with the stack that each takes."""
        with self._tracked() as handle:
            return read_calls(handle, self.names, self.description.sram_end)

    @property
    def calls_deepest(self) -> CallChain:
        """The calls at the moment of :attr:`stack_high_water`, whose bytes add up to it."""
        with self._tracked() as handle:
            return read_calls_deepest(handle, self.names, self.description.sram_end)
