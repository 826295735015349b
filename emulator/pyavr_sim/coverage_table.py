# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage as a table for people."""

from __future__ import annotations

import os

from rich import box
from rich.table import Table

from pyavr_sim.coverage import Coverage, FileCoverage

__all__ = ["coverage_table"]


def coverage_table(found: Coverage) -> Table:
    """A row a file, paths relative to the working directory, and their total."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("file", no_wrap=True)
    for heading in ("lines", "hit", "%", "branches", "hit"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("lines missed", overflow="fold")
    for file in found.files:
        table.add_row(os.path.relpath(file.path), *_counts(file), _spans(file.lines_missed))
    table.add_section()
    table.add_row("total", *_counts(found), "")
    return table


def _counts(counted: Coverage | FileCoverage) -> list[str]:
    found, hit = counted.lines_found, counted.lines_hit
    percent = f"{100 * hit / found:.1f}" if found else "-"
    return [str(n) for n in (found, hit, percent, counted.branches_found, counted.branches_hit)]


def _spans(lines: list[int]) -> str:
    """Line numbers with runs joined: ``3-5 9``."""
    spans: list[list[int]] = []
    for line in lines:
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    return " ".join(f"{a}-{b}" if b > a else str(a) for a, b in spans)
