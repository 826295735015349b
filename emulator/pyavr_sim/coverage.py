# SPDX-License-Identifier: GPL-3.0-or-later
"""Which source lines were executed, and which way their branches went.

A line counts as often as the most executed of its instructions, since the compiler may have spread
it. A branch is a conditional branch or skip instruction with the line that it comes from: the
compiler may have made one of an arithmetic shift, and none of an ``if`` that it turned into
arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pyavr_sim.errors import NoDebugInfoError
from pyavr_sim.firmware import Firmware
from pyavr_sim.line_table import SourceLine
from pyavr_sim.missing_names import missing_names
from pyavr_sim.profile import Executions

__all__ = ["Branch", "Coverage", "FileCoverage", "line_coverage", "merge_coverage"]


@dataclass(frozen=True)
class Branch:
    """A conditional branch or skip.

    Attributes:
        address: Its flash byte address.
        taken: How often it branched or skipped.
        not_taken: How often it went on to the next instruction.
    """

    address: int
    taken: int
    not_taken: int


@dataclass(frozen=True)
class FileCoverage:
    """One source file.

    Attributes:
        path: As absolute as the debug information tells.
        hits: By line number, of lines with code.
        branches: By line number.
        functions: By name: the line, and how often the first instruction was executed.
    """

    path: str
    hits: dict[int, int] = field(default_factory=dict)
    branches: dict[int, list[Branch]] = field(default_factory=dict)
    functions: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def lines_found(self) -> int:
        """Lines with code."""
        return len(self.hits)

    @property
    def lines_hit(self) -> int:
        """Lines that were executed."""
        return sum(count > 0 for count in self.hits.values())

    @property
    def branches_found(self) -> int:
        """Ways that branches could go: two each."""
        return 2 * sum(map(len, self.branches.values()))

    @property
    def branches_hit(self) -> int:
        """Ways that they went."""
        found = [branch for branches in self.branches.values() for branch in branches]
        return sum((branch.taken > 0) + (branch.not_taken > 0) for branch in found)

    @property
    def lines_missed(self) -> list[int]:
        """Lines with code that was never executed, in order."""
        return sorted(line for line, count in self.hits.items() if not count)


@dataclass(frozen=True)
class Coverage:
    """Source files in order of their paths."""

    files: tuple[FileCoverage, ...]

    @property
    def lines_found(self) -> int:
        """Lines with code."""
        return sum(file.lines_found for file in self.files)

    @property
    def lines_hit(self) -> int:
        """Lines that were executed."""
        return sum(file.lines_hit for file in self.files)

    @property
    def lines_percent(self) -> float:
        """Lines that were executed, in percent; 100 when there are none."""
        return 100 * self.lines_hit / self.lines_found if self.lines_found else 100.0

    @property
    def branches_found(self) -> int:
        """Ways that branches could go."""
        return sum(file.branches_found for file in self.files)

    @property
    def branches_hit(self) -> int:
        """Ways that they went."""
        return sum(file.branches_hit for file in self.files)


def line_coverage(firmware: Firmware, executed: Executions, *sources: str | Path) -> Coverage:
    """Attribute what was executed to source lines.

    Args:
        firmware: Built with -gdwarf-4.
        executed: What was executed of it, such as a :class:`~pyavr_sim.Profile`.
        sources: Only files in these folders; none: all.

    Raises:
        NoDebugInfoError: The image does not say which lines its code comes from.
    """
    table = firmware.line_table
    if not table.starts:
        missing = missing_names(firmware) or "Its debug information has no lines of code."
        raise NoDebugInfoError(f"{firmware.path}: {missing}")
    folders = [Path(source).resolve() for source in sources]

    @cache
    def is_wanted(path: str) -> bool:
        return not folders or any(map(Path(path).resolve().is_relative_to, folders))

    names = {s.address: s.linker_name for s in firmware.symbols.values() if s.is_function}
    files: dict[str, FileCoverage] = {}
    for address, word, place in _instructions(firmware):
        if is_wanted(place.path):
            file = files.setdefault(place.path, FileCoverage(place.path))
            hits, taken = int(executed.hits[address // 2]), int(executed.taken[address // 2])
            file.hits[place.line] = max(file.hits.get(place.line, 0), hits)
            if _is_decision(word):
                branch = Branch(address, taken, hits - taken)
                file.branches.setdefault(place.line, []).append(branch)
            if address in names:
                file.functions[names[address]] = place.line, hits
    return Coverage(tuple(files[path] for path in sorted(files)))


def merge_coverage(runs: Iterable[Coverage]) -> Coverage:
    """Add up several runs, of one image or of different ones that share sources.

    A branch is the same where file, line and its place among the line's branches are.
    """
    files: dict[str, FileCoverage] = {}
    for coverage in runs:
        for file in coverage.files:
            sums = files.setdefault(file.path, FileCoverage(file.path))
            for line, hits in file.hits.items():
                sums.hits[line] = sums.hits.get(line, 0) + hits
            for line, branches in file.branches.items():
                sums.branches[line] = _add(sums.branches.get(line, []), branches)
            for name, (line, hits) in file.functions.items():
                sums.functions[name] = line, sums.functions.get(name, (line, 0))[1] + hits
    return Coverage(tuple(files[path] for path in sorted(files)))


def _add(one: list[Branch], other: list[Branch]) -> list[Branch]:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    both = [
        Branch(a.address, a.taken + b.taken, a.not_taken + b.not_taken)
        for a, b in zip(longer, shorter, strict=False)
    ]
    return both + longer[len(both) :]


def _instructions(firmware: Firmware) -> Iterator[tuple[int, int, SourceLine]]:
    """Byte address, first word and line of the instructions in the image that have a line.

    When -mrelax shortens a call, the linker leaves some lines behind it a word too early. A line
    that so begins inside an instruction begins after it.
    """
    at = 0
    for start, stop, place in firmware.line_table.ranges():
        at = max(at, start)
        for begin, data in firmware.flash:
            while begin <= at < min(stop, begin + len(data) - 1):
                word = int.from_bytes(data[at - begin : at - begin + 2], "little")
                yield at, word, place
                at += 4 if _has_two_words(word) else 2


# Source: AVR Instruction Set Manual, DS40002198.
def _has_two_words(word: int) -> bool:
    return word & 0xFC0F == 0x9000 or word & 0xFE0C == 0x940C  # LDS, STS; JMP, CALL


def _is_decision(word: int) -> bool:
    return (
        word & 0xF800 == 0xF000  # BRBS, BRBC
        or word & 0xFC00 == 0x1000  # CPSE
        or word & 0xFC08 == 0xFC00  # SBRC, SBRS
        or word & 0xFD00 == 0x9900  # SBIC, SBIS
    )
