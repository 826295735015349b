# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage as an lcov tracefile, for genhtml and for services that read lcov.

Source: geninfo(1), "Tracefile format".
"""

from __future__ import annotations

from pyavr_sim.coverage import Coverage, FileCoverage

__all__ = ["lcov"]


def lcov(coverage: Coverage) -> str:
    """Write functions, branches and lines of every file.

    Each branch instruction is a block with two branches: 0, not taken, and 1, taken.
    """
    return "".join(f"{row}\n" for file in coverage.files for row in _rows(file))


def _rows(file: FileCoverage) -> list[str]:
    rows = ["TN:", f"SF:{file.path}"]
    functions = sorted(file.functions.items(), key=lambda item: (item[1], item[0]))
    rows += [f"FN:{line},{name}" for name, (line, _) in functions]
    rows += [f"FNDA:{hits},{name}" for name, (_, hits) in functions]
    rows += [f"FNF:{len(functions)}", f"FNH:{sum(hits > 0 for _, (_, hits) in functions)}"]
    for line, branches in sorted(file.branches.items()):
        for block, branch in enumerate(branches):
            was_reached = branch.taken + branch.not_taken > 0
            for way, count in enumerate((branch.not_taken, branch.taken)):
                rows.append(f"BRDA:{line},{block},{way},{count if was_reached else '-'}")
    rows += [f"BRF:{file.branches_found}", f"BRH:{file.branches_hit}"]
    rows += [f"DA:{line},{hits}" for line, hits in sorted(file.hits.items())]
    return [*rows, f"LF:{file.lines_found}", f"LH:{file.lines_hit}", "end_of_record"]
