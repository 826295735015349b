# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of the page say, computed from a recording."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pyavr_sim.call_tree import CallTree
from pyavr_sim.energy import Energy, estimate_energy
from pyavr_sim.recording import Recording
from pyavr_sim.sram_layout import Owner, Region

__all__ = [
    "FunctionRow",
    "VariableRow",
    "bytes_by_owner",
    "energy_of",
    "function_rows",
    "variable_rows",
]

READ, WRITTEN = 1, 2


@dataclass(frozen=True)
class FunctionRow:
    """A function with the cycles of the run.

    Attributes:
        name: Of the function, or its address.
        calls: How often it was entered.
        cycles_self: In itself.
        cycles_total: With all that it called; a recursion counts once.
        stack_bytes: Of its frames in the deepest chain of calls; 0 when it is not in it.
        is_interrupt: Whether an interrupt enters it.
    """

    name: str
    calls: int
    cycles_self: int
    cycles_total: int
    stack_bytes: int
    is_interrupt: bool


@dataclass(frozen=True)
class VariableRow:
    """A static variable.

    Attributes:
        region: Where it is.
        touched: How many of its bytes were read or written.
        unread: How many were written and never read.
    """

    region: Region
    touched: int
    unread: int


def bytes_by_owner(layout: tuple[Region, ...]) -> dict[Owner, int]:
    """Bytes of each owner that has any, in the order of `Owner`; they add up to SRAM's size."""
    sums = {owner: sum(r.size for r in layout if r.owner == owner) for owner in Owner}
    return {owner: size for owner, size in sums.items() if size}


def function_rows(recording: Recording) -> list[FunctionRow]:
    """Every function that ran, the dearest first."""
    tree = recording.call_tree
    totals = tree.cycles_total()
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for node in range(len(tree)):
        entry = sums[tree.name(node)]
        entry[0] += int(tree.calls[node])
        entry[1] += int(tree.cycles_self[node])
        entry[2] += 0 if _is_nested(tree, node) else int(totals[node])
        entry[3] |= bool(tree.is_interrupt[node])
    stack: dict[str, int] = defaultdict(int)
    for frame in recording.deepest.frames:
        stack[frame.name] += frame.stack_bytes
    rows = [
        FunctionRow(name, calls, own, total, stack[name], bool(interrupt))
        for name, (calls, own, total, interrupt) in sums.items()
    ]
    return sorted(rows, key=lambda row: -row.cycles_self)


def _is_nested(tree: CallTree, node: int) -> bool:
    """Whether a caller of this call is the same function."""
    callers = tree.path(node)[:-1]
    return any(tree.address[caller] == tree.address[node] for caller in callers if caller)


def variable_rows(recording: Recording) -> list[VariableRow]:
    """Every static variable with a name, the largest first."""
    access = recording.slice_access[-1]
    rows = []
    for region in recording.layout:
        if region.name is not None:
            first = region.start - recording.chip.sram_start
            used = access[first : first + region.size]
            unread = int(((used & (READ | WRITTEN)) == WRITTEN).sum())
            rows.append(VariableRow(region, int((used != 0).sum()), unread))
    return sorted(rows, key=lambda row: -row.region.size)


def energy_of(recording: Recording, volts: float) -> Energy | None:
    """What the chip took since power-up, an estimate; None where its figures are not known."""
    asleep = recording.profile.cycles_asleep
    active = recording.profile.cycles_total - asleep
    return estimate_energy(recording.chip.name, active, asleep, recording.hz, volts)
