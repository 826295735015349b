# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves a chip for a debugger: on and back, a step or to the next breakpoint or watched access.

A motion is a generator. It yields None after each slice of work, so that its caller can look for an
interruption, and the :class:`Halt` when it is over; one that is closed before leaves the chip where
it is. The engine does all the looking for breakpoints; nothing is stepped from here but a step.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import FirmwareFault
from pyavr_sim.stop import StopReason

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip
    from pyavr_sim.history import History

__all__ = ["Access", "Halt", "HaltReason", "Motion", "Moves", "Watchpoint"]

SLICE_CYCLES = 4_000_000
"""Some tens of milliseconds: how long an interruption may take."""


class Access(Enum):
    """What a watchpoint looks for, and what gdb calls it."""

    WRITE = "watch"
    READ = "rwatch"
    ANY = "awatch"


@dataclass(frozen=True)
class Watchpoint:
    """Bytes of the data space that are watched."""

    address: int
    size: int
    access: Access


class HaltReason(Enum):
    """Why a motion is over."""

    STEPPED = "stepped"
    BREAKPOINT = "breakpoint"
    WATCHPOINT = "watchpoint"
    HISTORY_BEGINS = "history begins"
    ENDED = "the firmware ended: asleep with interrupts off"
    FAULT = "fault"


@dataclass(frozen=True)
class Halt:
    """The end of a motion.

    Attributes:
        reason: What ended it.
        watchpoint: Which one was hit.
        fault: What the firmware did wrong.
    """

    reason: HaltReason
    watchpoint: Watchpoint | None = None
    fault: FirmwareFault | None = None


Moves = Generator[Halt | None, None, None]
"""A motion under way."""


class Motion:
    """Moves one chip, and holds its breakpoints and watchpoints.

    Attributes:
        chip: The chip.
        history: Its history, as far as it can go back.
    """

    def __init__(self, chip: Chip, history: History) -> None:
        self.chip = chip
        self.history = history
        self._breakpoints: set[int] = set()
        self._watchpoints: list[Watchpoint] = []

    # What to look for

    def add_breakpoint(self, address: int) -> None:
        """Stop before the instruction at a flash byte address. Twice is as once."""
        self._breakpoints.add(address)
        self._break_at(address, True)

    def remove_breakpoint(self, address: int) -> None:
        """Undo :meth:`add_breakpoint`."""
        self._breakpoints.discard(address)
        self._break_at(address, False)

    def add_watchpoint(self, watchpoint: Watchpoint) -> None:
        """Stop behind an instruction that accesses so. Twice is as once."""
        if watchpoint not in self._watchpoints:
            self._watchpoints.append(watchpoint)
            self._watch(watchpoint)

    def remove_watchpoint(self, watchpoint: Watchpoint) -> None:
        """Undo :meth:`add_watchpoint`."""
        if watchpoint in self._watchpoints:
            self._watchpoints.remove(watchpoint)
            self._watch(watchpoint)

    def forget_all(self) -> None:
        """Remove every breakpoint and watchpoint."""
        for address in list(self._breakpoints):
            self.remove_breakpoint(address)
        for watchpoint in list(self._watchpoints):
            self.remove_watchpoint(watchpoint)

    def _break_at(self, address: int, on: bool) -> None:
        with self.chip.engine.use() as handle:
            lib.sim_break_at(handle, address, on)

    def _watch(self, changed: Watchpoint) -> None:
        with self.chip.engine.use() as handle:
            for address in range(changed.address, changed.address + changed.size):
                accesses = {w.access for w in self._watchpoints_at(address)}
                is_read = not accesses.isdisjoint((Access.READ, Access.ANY))
                is_written = not accesses.isdisjoint((Access.WRITE, Access.ANY))
                lib.sim_watch_byte(handle, address, is_read, is_written)

    def _watchpoints_at(self, address: int) -> list[Watchpoint]:
        return [w for w in self._watchpoints if w.address <= address < w.address + w.size]

    # On

    def run(self) -> Moves:
        """Run until something is hit."""
        self._expect(lib.SIM_HITS_STOP)
        while (halt := self._run(SLICE_CYCLES)) is None:
            yield None
        yield halt

    def step(self) -> Moves:
        """Execute one instruction.

        An interrupt that comes with it is served to its end, and a sleep slept to its end, unless
        something is hit meanwhile.
        """
        self._expect(lib.SIM_HITS_STOP)
        chip = self.chip
        served, sp = self._ask(lib.sim_interrupts), chip.sp
        halt = self._run(1)
        if halt is None and self._ask(lib.sim_interrupts) != served:
            high, low = chip.data[chip.sp + 1], chip.data[chip.sp + 2]
            yield from self._run_to(2 * (int(high) << 8 | int(low)), chip.sp + 2)
        elif halt is None and self._ask(lib.sim_is_asleep):
            yield from self._run_to(chip.pc, sp)
        else:
            yield halt or Halt(HaltReason.STEPPED)

    def _run_to(self, pc: int, sp: int) -> Moves:
        """Run until the chip stands at an address with no more on the stack than then."""
        is_mine = pc not in self._breakpoints
        self._break_at(pc, True)
        try:
            for halt in self.run():
                is_there = halt and halt.reason is HaltReason.BREAKPOINT and self.chip.pc == pc
                if is_there and self.chip.sp >= sp:
                    yield Halt(HaltReason.STEPPED)
                    return
                if halt is None or not (is_there and is_mine):
                    yield halt
                    if halt:
                        return
        finally:
            if is_mine:
                self._break_at(pc, False)

    def _run(self, cycles: int) -> Halt | None:
        try:
            reason = self.chip.run(cycles).reason
        except FirmwareFault as fault:
            return Halt(HaltReason.FAULT, fault=fault)
        if reason is StopReason.HIT:
            return self._halt_at(self._last_hit())
        return Halt(HaltReason.ENDED) if reason is StopReason.ENDED else None

    # Back

    def run_back(self) -> Moves:
        """Go back to the last breakpoint, or to before the last watched access.

        Closed before it is over, it stands where it has searched down to.
        """
        halt, to = Halt(HaltReason.HISTORY_BEGINS), self.history.begin
        with self.chip.engine.use() as handle:
            end = self.chip.cycle
            self._expect(lib.SIM_HITS_RECORD)
            try:
                for to in self.history.stretches(handle, end):
                    hit = self._last_hit()
                    if hit.kind != lib.SIM_HIT_NONE:
                        halt, to = self._halt_at(hit), self._begin_of(hit)
                        break
                    yield None
            finally:
                self._stand_at(to)
        yield halt

    def step_back(self) -> Moves:
        """Go back one instruction; into the handler of an interrupt, too."""
        self._expect(lib.SIM_HITS_IGNORE)
        if self.chip.cycle <= self.history.begin:
            yield Halt(HaltReason.HISTORY_BEGINS)
            return
        self._stand_at(self._boundary_before(self.chip.cycle))
        yield Halt(HaltReason.STEPPED)

    def _begin_of(self, hit: Any) -> int:
        """Cycle of the boundary before a hit.

        An interrupt that comes with an instruction has none of its own.
        """
        self._expect(lib.SIM_HITS_IGNORE)
        with self.chip.engine.use() as handle:
            landed = self.history.visit(handle, hit.cycle)
        return landed if landed == hit.cycle else self._boundary_before(landed)

    def _boundary_before(self, cycle: int) -> int:
        """Cycle of the last boundary before another one, which is not where the history begins."""
        begin, back = self.history.begin, 1
        with self.chip.engine.use() as handle:
            while (landed := self.history.visit(handle, max(cycle - back, begin))) >= cycle:
                back *= 2
            while (following := self.history.visit(handle, landed + 1)) < cycle:
                landed = following
        return landed

    def _stand_at(self, cycle: int) -> None:
        """Go back for good: the future is open again."""
        self._expect(lib.SIM_HITS_IGNORE)
        self.chip.run_back_to(cycle)

    # The engine

    def _expect(self, hits: int) -> None:
        with self.chip.engine.use() as handle:
            lib.sim_expect_hits(handle, hits)

    def _last_hit(self) -> Any:
        found = ffi.new("sim_hit *")
        with self.chip.engine.use() as handle:
            lib.sim_last_hit(handle, found)
        return found

    def _halt_at(self, hit: Any) -> Halt:
        if hit.kind == lib.SIM_HIT_BREAKPOINT:
            return Halt(HaltReason.BREAKPOINT)
        wanted = {lib.SIM_HIT_READ: Access.READ, lib.SIM_HIT_WRITE: Access.WRITE}[hit.kind]
        watchpoint = next(
            w for w in self._watchpoints_at(hit.address) if w.access in (wanted, Access.ANY)
        )
        return Halt(HaltReason.WATCHPOINT, watchpoint)

    def _ask(self, function: Callable[[Any], int]) -> int:
        with self.chip.engine.use() as handle:
            return int(function(handle))
