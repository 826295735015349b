# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip went through, so that it can be run back to any cycle of it.

A history is a row of snapshots, one at least every ``interval_cycles``, and a journal of what came
from outside in between: bytes written to and read from UARTs, pins, voltages, resets, with their
cycles. To go back is to restore the last snapshot before, and to run again through the journal.

What the journal cannot hold, since it goes by no call (bytes poked into ``chip.sram``, say), is
found by comparing memories with what the last call left, and gets a snapshot of its own; so a
replay never has to cross it.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import ForgottenCycleError, FutureCycleError, NoHistoryError
from pyavr_sim.pieces import run_in_pieces
from pyavr_sim.snapshot import Snapshot
from pyavr_sim.stop import Stop, StopReason

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["History", "run_back"]

INTERVAL_CYCLES = 1_000_000
BYTES_MAX = 32 << 20
ENTRY_BYTES = 300  # of the journal, about, besides what is in it
JOURNAL_ENTRIES_MAX = 1_000  # between two snapshots


class _Frame:
    """A snapshot, and what came from outside since: (cycle, C function, arguments)."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.journal: list[tuple[int, Callable[..., Any], tuple[Any, ...]]] = []
        self.size_bytes = snapshot.size_bytes

    @property
    def cycle(self) -> int:
        return self.snapshot.cycle


class History:
    """The past of one chip; ``chip.keep_history()`` starts one.

    Attributes:
        interval_cycles: Most cycles from one snapshot to the next.
        bytes_max: Memory that it may take; the oldest part is forgotten first. Two frames are
            kept in any case.
    """

    def __init__(self, chip: Chip, interval_cycles: int, bytes_max: int) -> None:
        self._chip = chip
        self.interval_cycles = _positive("interval_cycles", interval_cycles)
        self.bytes_max = _positive("bytes_max", bytes_max)
        self._frames: deque[_Frame] = deque()
        self._bytes = 0
        self._left: tuple[bytes, ...] = ()
        self.start_over()

    def __repr__(self) -> str:
        return f"<History from cycle {self.begin}: {len(self._frames)} snapshots, {self._bytes} B>"

    @property
    def begin(self) -> int:
        """The earliest cycle that can be run back to."""
        return self._frames[0].cycle

    @property
    def size_bytes(self) -> int:
        """Memory that it takes, about."""
        return self._bytes

    @property
    def snapshots(self) -> int:
        """How many it holds."""
        return len(self._frames)

    def start_over(self) -> None:
        """Forget everything before now."""
        self._frames.clear()
        self._bytes = 0
        self.mark()

    def _memories(self) -> tuple[bytes, ...]:
        """What Python code can write to without a call, the flash aside."""
        engine = self._chip.engine
        return self._chip.data.tobytes(), engine.view("eeprom").tobytes()

    def mark(self) -> None:
        """Take a snapshot here: no replay will begin earlier to end later than now."""
        with self._chip.engine.use():
            frame = _Frame(self._chip.snapshot())
            self._left = self._memories()
        self._frames.append(frame)
        self._bytes += frame.size_bytes
        while self._bytes > self.bytes_max and len(self._frames) > 2:
            self._bytes -= self._frames.popleft().size_bytes

    def _notice_pokes(self) -> None:
        self._chip.notice_flash_writes()
        if self._memories() != self._left:
            self.mark()

    def call(self, handle: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Call a C function that changes the chip, and write it down."""
        self._notice_pokes()
        frame = self._frames[-1]
        if len(frame.journal) >= JOURNAL_ENTRIES_MAX:
            self.mark()
            frame = self._frames[-1]
        frame.journal.append((int(lib.sim_cycle(handle)), function, arguments))
        size = ENTRY_BYTES + sum(len(a) for a in arguments if isinstance(a, bytes | ffi.CData))
        frame.size_bytes += size
        self._bytes += size
        result = function(handle, *arguments)
        self._left = self._memories()
        return result

    def run(self, handle: Any, cycles: int, until: Any) -> int:
        """Do what ``sim_run`` does, with a snapshot whenever one is due."""
        self._notice_pokes()
        try:
            return run_in_pieces(handle, cycles, until, lib.sim_run, self._mark_if_due)
        finally:
            self._left = self._memories()

    def _mark_if_due(self, now: int) -> int:
        due = self._frames[-1].cycle + self.interval_cycles
        if now < due:
            return due
        self.mark()
        return now + self.interval_cycles

    def run_back_to(self, handle: Any, cycle: int) -> None:
        """Restore and replay; :meth:`pyavr_sim.Chip.run_back_to` tells the contract."""
        chip = self._chip
        now = int(lib.sim_cycle(handle))
        if cycle > now:
            raise FutureCycleError(
                f"cycle {cycle} has not come yet: the {chip.name} is at {now}. Use run() to go on."
            )
        if cycle < self.begin:
            raise ForgottenCycleError(
                f"cycle {cycle} is before the history of this {chip.name}, which begins at cycle "
                f"{self.begin}. Call keep_history() earlier, or with a larger bytes_max."
            )
        self._notice_pokes()
        while self._frames[-1].cycle > cycle:
            self._bytes -= self._frames.pop().size_bytes
        frame = self._frames[-1]
        frame.journal = [entry for entry in frame.journal if entry[0] <= cycle]
        frame.snapshot.put_back(chip, handle)
        for when, function, arguments in frame.journal:
            _run_to(handle, when)
            function(handle, *arguments)
        _run_to(handle, cycle)
        self._left = self._memories()


def _run_to(handle: Any, cycle: int) -> None:
    now = lib.sim_cycle(handle)
    if now < cycle:
        lib.sim_run(handle, cycle - now, ffi.NULL)


def _positive(name: str, value: int) -> int:
    found = operator.index(value)
    if found < 1:
        raise ValueError(f"{name} must be positive; found {found}")
    return found


def run_back(chip: Chip, cycle: int) -> Stop:
    """Run a chip back; :meth:`pyavr_sim.Chip.run_back_to` tells the contract."""
    wanted = operator.index(cycle)
    with chip.engine.use() as handle:
        history = chip.engine.history
        if history is None:
            raise NoHistoryError(
                f"this {chip.name} keeps no history; call keep_history() before the run."
            )
        history.run_back_to(handle, wanted)
        return Stop(StopReason.CYCLES, int(lib.sim_cycle(handle)), int(lib.sim_pc(handle)))
