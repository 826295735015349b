# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the cycles of a run went, by path of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pyavr_sim.names import Names

__all__ = ["CallEdge", "CallTree"]


@dataclass(frozen=True)
class CallEdge:
    """All calls from one place to one function.

    Attributes:
        caller: Flash byte address of the calling function; 0 for the start.
        site: Byte address of the CALL; None for an interrupt, which may come anywhere.
        callee: Byte address of the function that was called.
        calls: How often.
        cycles: From the call's end to the return's, callees included; a call inside of another
            one over this edge counts once.
    """

    caller: int
    site: int | None
    callee: int
    calls: int
    cycles: int


@dataclass(frozen=True, eq=False)
class CallTree:
    """Calls by path: a node for every distinct chain of functions that called one another.

    Node 0 is the start of the run; a parent comes before its children. Arrays are (nodes,).

    A CALL belongs to the caller and a return to the callee, as by instruction; an interrupt's
    response belongs to the interrupt, and sleep to whoever slept. A tail call's target runs in the
    node of the function that jumped. Frames that longjmp left are noticed at the next call or
    return.

    Attributes:
        parent: Index of the node that called, int64; -1 for node 0.
        address: Flash byte address of the function, int64; 0 for node 0.
        calls: Entries during the run, int64; 0 for what was open when it began.
        cycles_self: Cycles in the node's own function, int64; all of them make up the run.
        is_interrupt: Entered by an interrupt, bool.
        edges: The same calls by place, most cycles first.
        calls_merged: Calls whose path had no room; their cycles count for their callers.
        names: Of the firmware.
    """

    parent: np.ndarray
    address: np.ndarray
    calls: np.ndarray
    cycles_self: np.ndarray
    is_interrupt: np.ndarray
    edges: tuple[CallEdge, ...]
    calls_merged: int
    names: Names

    def __len__(self) -> int:
        return len(self.parent)

    def __repr__(self) -> str:
        return f"<CallTree of {len(self)} paths in {self.cycles_self.sum()} cycles>"

    def cycles_total(self) -> np.ndarray:
        """Cycles of each node with all that it called, (nodes,) int64."""
        total = self.cycles_self.copy()
        for node in range(len(self) - 1, 0, -1):
            total[self.parent[node]] += total[node]
        return total

    def name(self, node: int) -> str:
        """How to call a node: its function, else its address."""
        address = int(self.address[node])
        if node == 0:
            return "start"
        return self.names.function_at(address) or f"0x{address:04X}"

    def path(self, node: int) -> list[int]:
        """The nodes from node 0 to this one."""
        nodes = [node]
        while nodes[-1]:
            nodes.append(int(self.parent[nodes[-1]]))
        return nodes[::-1]
