# SPDX-License-Identifier: GPL-3.0-or-later
"""Flame graphs as nodes: SRAM at the high-water moment, and the cycles of a run."""

from __future__ import annotations

from dataclasses import dataclass

from pyavr_sim.call_tree import CallTree
from pyavr_sim.recording import Recording
from pyavr_sim.sram_layout import Owner

__all__ = ["SHARE_MIN", "FlameNode", "cycles_flame", "sram_flame"]

SHARE_MIN = 1 / 5000
"""Paths with a smaller share of all cycles would be thinner than a pixel, and are left out."""


@dataclass(frozen=True)
class FlameNode:
    """A box of a flame graph.

    Attributes:
        parent: Index of the box that it stands on; -1 for the first.
        name: What it says.
        size: Bytes or cycles, with all that stands on it.
        kind: An owner of SRAM, ``"call"`` or ``"interrupt"``: its colour.
        detail: More about it, or empty.
    """

    parent: int
    name: str
    size: int
    kind: str
    detail: str = ""


def sram_flame(recording: Recording) -> list[FlameNode]:
    """SRAM at the moment when the stack was deepest: variables, and the stack by chain of calls.

    The sizes of an owner's boxes add up to its own; all owners make up SRAM, or more where the
    stack has grown into variables.
    """
    nodes = [FlameNode(-1, "SRAM", 0, "all")]
    for owner in (Owner.DATA, Owner.BSS, Owner.NOINIT, Owner.HEAP, Owner.FREE):
        regions = [region for region in recording.layout if region.owner == owner]
        if not regions:
            continue
        parent = len(nodes)
        nodes.append(FlameNode(0, owner.value, sum(r.size for r in regions), owner.value))
        nodes += (
            FlameNode(parent, region.name, region.size, owner.value, region.source or "")
            for region in sorted(regions, key=lambda r: -r.size)
            if region.name
        )
    left = recording.deepest.stack_bytes
    if left:
        nodes.append(FlameNode(0, "stack", left, Owner.STACK.value))
        for frame in recording.deepest.frames:
            own = f"{frame.stack_bytes} bytes of its own"
            called = f", called at {frame.line}" if frame.line else ""
            kind = "interrupt" if frame.is_interrupt else Owner.STACK.value
            nodes.append(FlameNode(len(nodes) - 1, frame.name, left, kind, own + called))
            left -= frame.stack_bytes
    nodes[0] = FlameNode(-1, "SRAM", sum(n.size for n in nodes if n.parent == 0), "all")
    return nodes


def cycles_flame(tree: CallTree) -> list[FlameNode]:
    """The cycles of a run by path of calls, without the paths below `SHARE_MIN`."""
    totals = tree.cycles_total()
    least = totals[0] * SHARE_MIN
    nodes: list[FlameNode] = []
    place: dict[int, int] = {}
    for node, total in enumerate(totals.tolist()):
        parent = int(tree.parent[node])
        if node and (total < least or parent not in place):
            continue
        place[node] = len(nodes)
        calls, own = int(tree.calls[node]), int(tree.cycles_self[node])
        detail = f"{calls:,} calls, {own:,} cycles of its own" if node else ""
        kind = "interrupt" if tree.is_interrupt[node] else "call"
        nodes.append(FlameNode(place.get(parent, -1), tree.name(node), total, kind, detail))
    return nodes
