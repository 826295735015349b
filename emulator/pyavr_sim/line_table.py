# SPDX-License-Identifier: GPL-3.0-or-later
"""Which source line each instruction comes from, by DWARF's line table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pyavr_sim.debug_info import DebugSections, damaged, file_paths
from pyavr_sim.elf_image import ElfImage
from pyavr_sim.errors import NoDebugInfoError

__all__ = ["LineTable", "SourceLine", "read_line_table"]

ROWS_MAX = 1_000_000


@dataclass(frozen=True)
class SourceLine:
    """A line of a source file.

    Attributes:
        path: As absolute as the debug information tells.
        line: From 1.
    """

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path.rsplit('/', 1)[-1]}:{self.line}"


@dataclass(frozen=True, eq=False)
class LineTable:
    """Flash byte addresses in order, and the source line from each of them on.

    Attributes:
        starts: The addresses.
        lines: None stands for the addresses after the end of a sequence.
    """

    starts: list[int]
    lines: list[SourceLine | None]

    def at(self, pc: int) -> SourceLine | None:
        """The source line of a flash byte address, if known."""
        index = bisect_right(self.starts, pc)
        return self.lines[index - 1] if index else None

    def ranges(self) -> Iterator[tuple[int, int, SourceLine]]:
        """(first address, address after the last, line) of all code with a line, in order."""
        for start, stop, line in zip(self.starts, self.starts[1:], self.lines, strict=False):
            if line is not None and stop > start:
                yield start, stop, line


def read_line_table(elf: ElfImage, where: str) -> LineTable:
    """Read ``.debug_line``.

    It is empty when there is none that can be read: source positions are a courtesy in messages,
    never an error.
    """
    try:
        with damaged(where):
            sections = DebugSections(elf)
            if sections.has_lines:
                return _read(sections)
    except NoDebugInfoError:
        pass
    return LineTable([], [])


@lru_cache(maxsize=4)
def _read(sections: DebugSections) -> LineTable:
    dwarf = sections.dwarf()
    rows: list[tuple[int, int, SourceLine | None]] = []
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        paths = file_paths(dwarf, unit)
        for line_entry in program.get_entries():
            state = line_entry.state
            if state is None:
                continue
            if len(rows) > ROWS_MAX:
                raise NoDebugInfoError(f"the line table has more than {ROWS_MAX} rows")
            path = paths[state.file] if 0 <= state.file < len(paths) else None
            if state.end_sequence:
                rows.append((state.address, 0, None))
            elif path:
                rows.append((state.address, 1, SourceLine(path, state.line)))
    # A sequence that starts where another ends wins: ends (0) sort before starts (1).
    rows.sort(key=lambda row: row[:2])
    return LineTable([address for address, _, _ in rows], [line for _, _, line in rows])
