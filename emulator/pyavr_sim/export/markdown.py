# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording as a page of Markdown, for ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

from collections.abc import Iterable

from pyavr_sim.recording import Recording

__all__ = ["markdown"]

ROWS_MAX = 10


def markdown(recording: Recording) -> str:
    """Write the costs, the largest variables, the deepest calls, where cycles went, findings."""
    chip, firmware = recording.chip, recording.firmware
    rows = [f"## {_cell(firmware.path.name)} on {chip.name}", ""]
    if recording.error is not None:
        rows += [f"**{type(recording.error).__name__}**: {_cell(str(recording.error))}", ""]
    rows += _table(
        ("", "used", "of"),
        [
            ("flash", _bytes(firmware.flash_bytes), _bytes(chip.flash_bytes)),
            ("static data", _bytes(recording.static_bytes), _bytes(chip.sram_bytes)),
            ("stack, high-water", _bytes(recording.stack_high_water), _bytes(chip.sram_bytes)),
            ("SRAM, high-water", _bytes(recording.sram_high_water), _bytes(chip.sram_bytes)),
            ("cycles", f"{recording.cycles:,}", f"{1e3 * recording.cycles / recording.hz:,.3f} ms"),
        ],
    )
    named = [region for region in recording.layout if region.name]
    named.sort(key=lambda region: -region.size)
    rows += _section(
        "Static data",
        ("variable", "bytes", "declared"),
        [(_code(r.name or ""), f"{r.size:,}", r.source or "") for r in named[:ROWS_MAX]],
    )
    rows += _section(
        "Stack when deepest",
        ("function", "bytes", "called at"),
        [(_code(f.name), f"{f.stack_bytes:,}", f.line or "") for f in recording.deepest.frames],
    )
    functions = list(recording.profile.by_function().items())[:ROWS_MAX]
    rows += _section(
        "Cycles",
        ("function", "cycles", "share"),
        [
            (
                _code(name or "(no name)"),
                f"{cost.cycles:,}",
                f"{100 * cost.cycles / max(recording.profile.cycles_total, 1):.1f} %",
            )
            for name, cost in functions
        ],
    )
    rows += _section(
        "Findings",
        ("what", "where", "address"),
        [
            (f.kind.value, _cell(f.line or f.function or f"0x{f.pc:04X}"), f"0x{f.address:04X}")
            for f in recording.findings[:ROWS_MAX]
        ],
    )
    return "\n".join(rows)


def _section(title: str, heads: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(cells)
    return [f"### {title}", "", *_table(heads, rows)] if rows else []


def _table(heads: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> list[str]:
    rules = ["---", *("---:" for _ in heads[1:])]
    return [*(f"| {' | '.join(row)} |" for row in (heads, rules, *cells)), ""]


def _bytes(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,} B"


def _code(name: str) -> str:
    return f"`{name}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
