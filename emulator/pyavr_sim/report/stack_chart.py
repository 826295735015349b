# SPDX-License-Identifier: GPL-3.0-or-later
"""The depth of the stack over the run, as SVG."""

from __future__ import annotations

from dataclasses import dataclass

from pyavr_sim.recording import Recording

__all__ = ["StackChart", "stack_chart"]

WIDTH, HEIGHT = 1000, 200
FLAT = 5
"""So many times the deepest stack, the limit stays outside of the drawing."""


@dataclass(frozen=True)
class StackChart:
    """A drawing and what its axes say.

    Attributes:
        svg: It stretches to the place that it gets; without text, so that nothing is distorted.
        deepest: Bytes of stack at the most.
        limit: Bytes that are left to it.
        limited_by: What begins there: the static data, or where that is unknown, all of SRAM.
        mark: Bytes that the axis names: the limit, or the deepest stack where that is so far below
            that it would look flat.
        mark_share: Where they are, from 0 at the upper edge to 1.
    """

    svg: str
    deepest: int
    limit: int
    limited_by: str
    mark: int
    mark_share: float

    @property
    def shows_limit(self) -> bool:
        """Whether the limit is a line in the drawing, and not above it."""
        return self.mark == self.limit


def stack_chart(recording: Recording) -> StackChart:
    """Draw the deepest stack of every slice, and where the room for it ends as a line in reach."""
    depths = (recording.chip.sram_end - recording.slice_sp_lowest).tolist()
    limit = recording.chip.sram_bytes - (recording.static_bytes or 0)
    limited_by = "start of SRAM" if recording.static_bytes is None else "static data"
    deepest = max(depths)
    mark = limit if limit < FLAT * deepest or not deepest else deepest
    top = max(mark, deepest, 1) * 1.04
    start, span = recording.cycle_start, max(recording.cycles, 1)

    def y(stack_bytes: float) -> str:
        return f"{HEIGHT * (1 - stack_bytes / top):.1f}"

    path = [f"M0 {HEIGHT}"]
    for depth, cycle in zip(depths, recording.slice_cycles.tolist(), strict=True):
        path.append(f"V{y(depth)}H{WIDTH * (cycle - start) / span:.1f}")
    line = 'stroke="#c8102e" stroke-width="2" fill="none" vector-effect="non-scaling-stroke"'
    limit_line = f'<path class="limit" d="M0 {y(limit)}H{WIDTH}" {line}/>' if mark == limit else ""
    svg = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="Stack depth over the run: {deepest:,} bytes at the most, '
        f'{limit:,} bytes to the {limited_by}">'
        f'<path class="depth" d="{"".join(path)}V{HEIGHT}Z" fill="#b4633f" fill-opacity=".75"/>'
        f"{limit_line}</svg>"
    )
    return StackChart(svg, deepest, limit, limited_by, mark, 1 - mark / top)
