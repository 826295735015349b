# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording for callgrind_annotate and KCachegrind: cycles by source line, and calls.

Costs are those of the run's own calls and, by line, of all since power-up; so record from power-up.

Source: valgrind's manual, "Callgrind Format Specification".
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pyavr_sim.call_tree import CallEdge
from pyavr_sim.names import Names
from pyavr_sim.recording import Recording

__all__ = ["callgrind"]

_Place = tuple[str, str]  # file, function
_UNKNOWN = "???"


def callgrind(recording: Recording) -> str:
    """Write cycles and instructions of each line, and the calls with their inclusive cycles.

    The cycles of all lines make up ``recording.profile.cycles_total``: those between instructions
    are the pseudo functions ``(asleep)``, ``(interrupt response)`` and ``(halted)``.
    """
    profile = recording.profile
    names = profile.names
    costs: dict[_Place, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for word in np.flatnonzero(profile.hits).tolist():
        place, line = _place(names, 2 * word)
        entry = costs[place][line]
        entry[0] += int(profile.cycles[word])
        entry[1] += int(profile.hits[word])
    for name, cycles in (
        ("(asleep)", profile.cycles_asleep),
        ("(interrupt response)", profile.cycles_interrupt_response),
        ("(halted)", profile.cycles_halted),
    ):
        if cycles:
            costs[_UNKNOWN, name][0] = [cycles, 0]
    calls: dict[_Place, list[tuple[int, CallEdge]]] = defaultdict(list)
    for edge in recording.call_tree.edges:
        place, line = _place(names, edge.caller if edge.site is None else edge.site)
        calls[place].append((line, edge))
    total = profile.cycles_total
    rows = [
        "# callgrind format",
        "version: 1",
        "creator: pyavr_sim",
        f"cmd: {recording.firmware.path.name}",
        f"desc: Trigger: {recording.chip.name} at {recording.hz} Hz",
        "positions: line",
        "events: Cycles Instructions",
        f"summary: {total} {int(profile.hits.sum())}",
        "",
    ]
    for place in sorted(costs.keys() | calls.keys()):
        file, function = place
        rows += [f"fl={file}", f"fn={function}"]
        rows += [f"{line} {c} {n}" for line, (c, n) in sorted(costs[place].items())]
        for line, edge in calls[place]:
            (to_file, to_function), to_line = _place(names, edge.callee)
            rows += [f"cfi={to_file}"] if to_file != file else []
            rows += [
                f"cfn={to_function}",
                f"calls={edge.calls} {to_line}",
                f"{line} {edge.cycles} 0",
            ]
        rows.append("")
    rows.append(f"totals: {total} {int(profile.hits.sum())}")
    return "\n".join(rows) + "\n"


def _place(names: Names, pc: int) -> tuple[_Place, int]:
    function = names.function_at(pc) or f"0x{pc:04X}"
    line = names.source_line(pc)
    return ((line.path, function), line.line) if line else ((_UNKNOWN, function), 0)
