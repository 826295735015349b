# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves behind, for reports and files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pyavr_sim.call_chain import CallChain
from pyavr_sim.call_tree import CallTree
from pyavr_sim.chips import ChipDescription
from pyavr_sim.errors import FirmwareFault, PortError, RunError
from pyavr_sim.findings import Finding
from pyavr_sim.firmware import Firmware
from pyavr_sim.profile import Profile
from pyavr_sim.sram_accesses import SramAccesses
from pyavr_sim.sram_layout import Region
from pyavr_sim.stop import Stop

__all__ = ["Recording", "Signal"]


@dataclass(frozen=True, eq=False)
class Signal:
    """Something that changed in a run, and when.

    Attributes:
        name: Of the pin, the variable, or ``"SP"``.
        bits: Its width.
        cycles: When, (n,) int64; the first is the run's begin.
        values: The unsigned value from then on, (n,) uint64.
    """

    name: str
    bits: int
    cycles: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Recording:
    """One run of a chip. Make one with :func:`record`.

    Slices divide the run: at most 256 of them, all of one length but the last, which is doubled
    whenever the run outgrows it.

    Attributes:
        chip: What the chip is.
        firmware: What ran on it.
        hz: Its clock.
        stop: Why and where the run stopped; None where it ended in ``error``.
        error: The limit, fault or end that cut it short, else None.
        cycle_start: The chip's cycle when the run began.
        cycle_end: And when it ended.
        slice_cycles: Cycle at the end of each slice, (n,) int64.
        slice_sp_lowest: Lowest SP within each slice, (n,) int64; exact.
        slice_sram: SRAM at the end of each slice, (n, sram_bytes) uint8.
        slice_access: What was done to it since power-up, (n, sram_bytes) uint8: bit 0 read, bit 1
            written.
        call_tree: Cycles of this run by path of calls.
        deepest: The calls when the stack was deepest since power-up.
        profile: Executions and cycles since power-up.
        findings: What the firmware did wrong since power-up.
        accesses: Who used each byte of SRAM, since power-up.
        layout: To whom SRAM belongs, stack and heap included.
        stack_high_water: Most bytes of stack since power-up.
        static_bytes: SRAM of .data, .bss and .noinit.
        sram_high_water: Both together.
        uart: What UART 0 has sent and nobody has read; it can still be read.
        pin_changes: Every port pin that changed, by name such as ``"B0"``.
        variable_changes: The variables that were asked for.
        sp_changes: SP at calls, returns, interrupts and when a frame is made; single pushes
            between these are not in it.
        changes_dropped: Calls and changes that came after the first 262,144 and were not kept.
    """

    chip: ChipDescription
    firmware: Firmware
    hz: int
    stop: Stop | None
    error: RunError | FirmwareFault | PortError | None
    cycle_start: int
    cycle_end: int
    slice_cycles: np.ndarray
    slice_sp_lowest: np.ndarray
    slice_sram: np.ndarray
    slice_access: np.ndarray
    call_tree: CallTree
    deepest: CallChain
    profile: Profile
    findings: tuple[Finding, ...]
    accesses: SramAccesses
    layout: tuple[Region, ...]
    stack_high_water: int
    static_bytes: int
    sram_high_water: int
    uart: bytes
    pin_changes: tuple[Signal, ...]
    variable_changes: tuple[Signal, ...]
    sp_changes: Signal
    changes_dropped: int

    @property
    def cycles(self) -> int:
        """How many cycles the run took."""
        return self.cycle_end - self.cycle_start
