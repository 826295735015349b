# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording in a few lines of HTML, for a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pyavr_sim.report.stack_chart import stack_chart
from pyavr_sim.report.tables import bytes_by_owner, function_rows
from pyavr_sim.report.wording import ending
from pyavr_sim.sram_layout import Owner

if TYPE_CHECKING:
    from pyavr_sim.recording import Recording

__all__ = ["render_inline"]

FUNCTIONS_SHOWN = 5
_COLOURS = {
    Owner.DATA: "#3a6fb0",
    Owner.BSS: "#2f8f83",
    Owner.NOINIT: "#8a5bb5",
    Owner.HEAP: "#b58a1e",
    Owner.STACK: "#c06a3f",
    Owner.FREE: "#a9abad",
}


def render_inline(recording: Recording) -> str:
    """SRAM by owner, the stack over time and the dearest functions; without scripts."""
    chip = recording.chip
    owners = bytes_by_owner(recording.layout)
    bar = "".join(
        f'<div title="{owner.value}: {size:,} B" '
        f'style="width:{100 * size / chip.sram_bytes:.2f}%;background:{_COLOURS[owner]}"></div>'
        for owner, size in owners.items()
    )
    legend = " &nbsp; ".join(
        f'<span style="color:{_COLOURS[owner]}">&#9632;</span> {owner.value} {size:,} B'
        for owner, size in owners.items()
    )
    rows = "".join(
        f"<tr><td><code>{escape(row.name)}</code></td><td>{row.calls:,}</td>"
        f"<td>{row.cycles_self:,}</td></tr>"
        for row in function_rows(recording)[:FUNCTIONS_SHOWN]
    )
    chart = stack_chart(recording)
    return (
        f'<div style="max-width:40em"><p><b>{escape(recording.firmware.path.name)}</b> on '
        f"{chip.name}. {escape(ending(recording))} {_sram(recording)}, "
        f"{len(recording.findings):,} findings.</p>"
        f'<div style="display:flex;height:1em">{bar}</div><p>{legend}</p>'
        f'<div style="height:6em;position:relative">{chart.svg.replace("<svg ", _FILLING, 1)}</div>'
        f"<p>Stack: {chart.deepest:,} B at the most, {chart.limit:,} B to the "
        f"{chart.limited_by}.</p>"
        f"<table><tr><th>function</th><th>calls</th><th>cycles, own</th></tr>{rows}</table></div>"
    )


def _sram(recording: Recording) -> str:
    if recording.sram_high_water is None:
        return f"Stack {recording.stack_high_water:,} B"
    return f"SRAM {recording.sram_high_water:,} of {recording.chip.sram_bytes:,} B"


_FILLING = '<svg style="width:100%;height:100%" '
