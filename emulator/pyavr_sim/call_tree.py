# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the cycles of a run went, by path of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import ffi, lib
from pyavr_sim.names import START

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
            return START
        return self.names.function_at(address) or f"0x{address:04X}"

    def path(self, node: int) -> list[int]:
        """The nodes from node 0 to this one."""
        nodes = [node]
        while nodes[-1]:
            nodes.append(int(self.parent[nodes[-1]]))
        return nodes[::-1]


def read_call_tree(handle: Any, names: Names) -> CallTree:
    """Copy the calls of an engine that records."""
    out, merged = ffi.new("sim_call_node **"), ffi.new("uint64_t *")
    count = lib.sim_recording_calls(handle, out, merged)
    by_site = [
        (node.parent, node.site, node.callee, bool(node.is_interrupt), node.calls, node.cycles)
        for node in out[0][0:count]
    ]
    # The engine's nodes differ by call site, too: join them by function.
    joined: dict[tuple[int, int, bool], int] = {}
    nodes: list[list[int]] = []
    node_of: list[int] = []
    for index, (parent, _, callee, is_interrupt, calls, cycles) in enumerate(by_site):
        key = (node_of[parent] if index else -1, 2 * callee, is_interrupt)
        node = joined.setdefault(key, len(nodes))
        if node == len(nodes):
            nodes.append([*key, 0, 0])
        node_of.append(node)
        nodes[node][3] += calls
        nodes[node][4] += cycles
    parent, address, is_interrupt, calls, cycles = np.array(nodes, np.int64).T
    edges = _edges(by_site)
    return CallTree(
        parent, address, calls, cycles, is_interrupt.astype(bool), edges, int(merged[0]), names
    )


def _edges(nodes: list[tuple[int, int, int, bool, int, int]]) -> tuple[CallEdge, ...]:
    total = [cycles for *_, cycles in nodes]
    for index in range(len(nodes) - 1, 0, -1):
        total[nodes[index][0]] += total[index]
    sums: dict[tuple[int, int | None, int], list[int]] = {}
    above: list[frozenset[tuple[int, int | None, int]]] = [frozenset()]
    for (parent, site, callee, is_interrupt, calls, _), cycles in zip(
        nodes[1:], total[1:], strict=True
    ):
        edge = (2 * nodes[parent][2], None if is_interrupt else 2 * site, 2 * callee)
        entry = sums.setdefault(edge, [0, 0])
        entry[0] += calls
        entry[1] += 0 if edge in above[parent] else cycles
        above.append(above[parent] | {edge})
    dearest = sorted(sums.items(), key=lambda item: -item[1][1])
    return tuple(CallEdge(*edge, *entry) for edge, entry in dearest)
