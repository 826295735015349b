# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves behind, for reports and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyavr_sim._sim import ffi, lib
from pyavr_sim.call_chain import CallChain
from pyavr_sim.call_tree import CallTree, read_call_tree
from pyavr_sim.changes import (
    CallEvents,
    Signal,
    call_events,
    pin_signals,
    read_log,
    sp_signal,
    variable_signal,
)
from pyavr_sim.chips import ChipDescription
from pyavr_sim.errors import FirmwareFault, PortError, RunError
from pyavr_sim.findings import Finding
from pyavr_sim.firmware import Firmware
from pyavr_sim.profile import Profile
from pyavr_sim.recorder import Recorder
from pyavr_sim.sram_accesses import SramAccesses
from pyavr_sim.sram_layout import Region, sram_layout
from pyavr_sim.stop import Stop

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip
    from pyavr_sim.until import Condition

__all__ = ["Recording", "record"]


_WRITTEN = 2  # of slice_access


@dataclass(frozen=True, eq=False)
class Recording:
    """One run of a chip. Make one with :func:`record`.

    Slices divide the run: 256 at most, of about one length, which is doubled whenever the run
    outgrows them.

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
        static_bytes: SRAM of .data, .bss and .noinit; None: Intel HEX does not tell.
        sram_high_water: Both together, or None.
        uart: What UART 0 has sent and nobody has read; it can still be read.
        call_events: Calls, interrupts and returns one by one.
        pin_changes: The pins that were asked for, or all that changed.
        variable_changes: The variables that were asked for.
        sp_changes: SP at calls, returns, interrupts and when a frame is made; single pushes
            between these are not in it.
        events_dropped: Calls, returns and changes of SP behind the first 262,144, not kept.
        changes_dropped: Changes of pins and variables behind the first 262,144, not kept.
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
    static_bytes: int | None
    sram_high_water: int | None
    uart: bytes
    call_events: CallEvents
    pin_changes: tuple[Signal, ...]
    variable_changes: tuple[Signal, ...]
    sp_changes: Signal
    events_dropped: int
    changes_dropped: int

    @property
    def cycles(self) -> int:
        """How many cycles the run took."""
        return self.cycle_end - self.cycle_start

    def html(self, volts: float = 5.0) -> str:
        """Render it as a page: one file of less than 2 MB that needs nothing else.

        Args:
            volts: Of the supply, for the estimate of energy.

        Raises:
            ValueError: ``volts`` is not positive.
        """
        from pyavr_sim.report import render_page  # noqa: PLC0415 - jinja2, only where it is shown

        return render_page(self, volts)

    def _repr_html_(self) -> str:
        from pyavr_sim.report import render_inline  # noqa: PLC0415 - likewise

        return render_inline(self)


def record(
    chip: Chip,
    cycles_max: int,
    until: Condition | None = None,
    *,
    slices: int = 256,
    variables: Sequence[str] = (),
    pins: Sequence[str] = (),
) -> Recording:
    """Run a chip as :meth:`~pyavr_sim.Chip.run` does, and keep what happened.

    A firmware that does not come where it should, or that faults, is recorded up to there; the
    recording's ``error`` says so.

    Args:
        chip: Powered up with a firmware, and tracking.
        cycles_max: Emulated cycles from now.
        until: What ends the run; None: ``cycles_max``, or the firmware's end.
        slices: Into how many the run is divided at most; an even number.
        variables: Paths of variables in SRAM, of at most 8 bytes, whose changes are kept.
        pins: Names such as ``"B0"``; none: every pin that changes.

    Raises:
        ValueError: The chip has no firmware, or an argument is out of range.
        NotTrackedError: The chip was made with ``tracking=False``.
        SymbolError: A variable is unknown or not of that kind.
        PortError: The chip has no such pin.
    """
    firmware = chip.firmware
    if firmware is None:
        raise ValueError(f"this {chip.name} has no firmware to record. Make it with one.")
    for name in pins:
        _ = chip.pin(name).level
    at_start = tuple(frame.address for frame in chip.calls.frames[1:])
    cycle_start, sp = chip.cycle, chip.sp
    recorder = Recorder(chip, slices, variables)
    bytes_at_start = [
        chip.data[v.address : v.address + v.size_bytes].tobytes() for v in recorder.variables
    ]
    stop: Stop | None = None
    error: RunError | FirmwareFault | PortError | None = None
    try:
        try:
            stop = chip.run(cycles_max, until)
        except (RunError, FirmwareFault, PortError) as found:
            error = found
        with chip.engine.use() as handle:
            slice_cycles, slice_sp_lowest, slice_sram, slice_access = recorder.slices()
            flow, events_dropped = read_log(lib.sim_recording_flow, handle)
            levels, changes_dropped = read_log(lib.sim_recording_levels, handle)
            call_tree = read_call_tree(handle, chip.names)
    finally:
        recorder.end()
    high_water = chip.stack_high_water
    heap_bytes = _heap_bytes(chip, slice_sram, slice_access)
    return Recording(
        chip=chip.description,
        firmware=firmware,
        hz=chip.hz,
        stop=stop,
        error=error,
        cycle_start=cycle_start,
        cycle_end=chip.cycle,
        slice_cycles=slice_cycles,
        slice_sp_lowest=slice_sp_lowest,
        slice_sram=slice_sram,
        slice_access=slice_access,
        call_tree=call_tree,
        deepest=chip.calls_deepest,
        profile=chip.profile(),
        findings=tuple(chip.findings),
        accesses=chip.sram_accesses,
        layout=sram_layout(
            firmware, chip.description, stack_bytes=high_water, heap_bytes=heap_bytes
        ),
        stack_high_water=high_water,
        static_bytes=chip.static_bytes,
        sram_high_water=chip.sram_high_water,
        uart=_unread(chip),
        call_events=call_events(flow, at_start),
        pin_changes=pin_signals(levels, cycle_start, pins),
        variable_changes=tuple(
            variable_signal(levels, cycle_start, begin, name, variable)
            for begin, name, variable in zip(
                bytes_at_start, variables, recorder.variables, strict=True
            )
        ),
        sp_changes=sp_signal(flow, cycle_start, sp),
        events_dropped=events_dropped,
        changes_dropped=changes_dropped,
    )


def _unread(chip: Chip) -> bytes:
    if 0 not in chip.description.uarts:
        return b""
    with chip.engine.use() as handle:
        count = lib.sim_uart_peek(handle, 0, ffi.NULL, 0)
        out = ffi.new("uint8_t[]", count)
        lib.sim_uart_peek(handle, 0, out, count)
    return bytes(ffi.buffer(out))


def _heap_bytes(chip: Chip, slice_sram: np.ndarray, slice_access: np.ndarray) -> int:
    """Bytes that malloc had at most, seen between slices: up to avr-libc's ``__brkval``."""
    symbol = chip.symbols.get("__brkval")
    if symbol is None or symbol.space != "sram":
        return 0
    at = symbol.address - chip.description.sram_start
    ends = slice_sram[:, at].astype(int) + 256 * slice_sram[:, at + 1].astype(int)
    is_set = (slice_access[:, at : at + 2] & _WRITTEN).all(axis=1)  # not what power-up left there
    in_sram = (ends > chip.static_end) & (ends <= chip.description.sram_end + 1)
    return int(ends[is_set & in_sram].max(initial=chip.static_end)) - chip.static_end
