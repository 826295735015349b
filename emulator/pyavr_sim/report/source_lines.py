# SPDX-License-Identifier: GPL-3.0-or-later
"""The source lines that took the most cycles, with their text where the sources are at hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyavr_sim.line_table import SourceLine
from pyavr_sim.recording import Recording

__all__ = ["LineRow", "dearest_lines"]

FILE_BYTES_MAX = 1 << 20
TEXT_CHARACTERS_MAX = 120


@dataclass(frozen=True)
class LineRow:
    """A source line.

    Attributes:
        line: Where it is.
        instructions: Executed, since power-up.
        cycles: That they took.
        text: What stands there; empty where the source cannot be read.
    """

    line: SourceLine
    instructions: int
    cycles: int
    text: str


def dearest_lines(recording: Recording, rows_max: int) -> list[LineRow]:
    """The lines that ran, most cycles first; empty where the image does not tell lines."""
    profile = recording.profile
    sums: dict[SourceLine, list[int]] = defaultdict(lambda: [0, 0])
    for start, stop, line in recording.firmware.line_table.ranges():
        words = slice(start // 2, (stop + 1) // 2)
        sums[line][0] += int(profile.hits[words].sum())
        sums[line][1] += int(profile.cycles[words].sum())
    dearest = sorted(sums.items(), key=lambda item: -item[1][1])[:rows_max]
    read = cache(_read)
    rows = []
    for line, (instructions, cycles) in dearest:
        if instructions:
            texts = read(line.path)
            text = texts[line.line - 1] if 0 < line.line <= len(texts) else ""
            rows.append(LineRow(line, instructions, cycles, text.strip()[:TEXT_CHARACTERS_MAX]))
    return rows


def _read(path: str) -> list[str]:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(FILE_BYTES_MAX).split("\n")
    except (OSError, ValueError):
        return []
