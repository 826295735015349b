# SPDX-License-Identifier: GPL-3.0-or-later
"""What a profile costs: runs with a full recording beside runs with nothing counted.

Both run every firmware once a round, in turn; the least CPU time of all rounds counts. Of the
report it is the most: the first one reads the debug information, later ones find it read.

A row a firmware (ATmega328P at 16 MHz), then ``worst`` over them:

==================== =============================================================================
firmware             avr/apps/probe_engine_NAME.c
cycles               that it takes
overhead_ratio       CPU time of a recorded run by that of a run with tracking off
report_bytes         size of the HTML report
report_seconds       CPU time to render it
==================== =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kilolearn import firmware
from kilolearn.bench_engine import FIRMWARES
from kilolearn.engine_peers import MCU
from kilolearn.measure_engine import run_engine
from kilolearn.measure_profile import run_recorded

__all__ = ["bench_profile"]

Row = dict[str, object]


def bench_profile(
    names: Sequence[str] = FIRMWARES,
    rounds: int = 5,
    tell: Callable[[str], object] = str,
) -> tuple[list[Row], dict[str, Path]]:
    """Run every firmware plain and recorded.

    Args:
        names: Of `FIRMWARES`.
        rounds: How often; the best one counts.
        tell: Takes a line of progress.

    Returns:
        The rows above, and one image by chip.

    Raises:
        BuildError: A firmware does not build.
    """
    elfs = {name: firmware.build(f"probe_engine_{name}", MCU) for name in names}
    rows: list[Row] = []
    overheads, sizes, times = [], [], []
    for name, elf in elfs.items():
        plain, recorded = [], []
        for _ in range(rounds):
            plain.append(run_engine(elf, MCU, tracking=False))
            recorded.append(run_recorded(elf, MCU))
        overheads.append(min(r.seconds for r in recorded) / min(p.seconds for p in plain))
        sizes.append(max(r.report_bytes for r in recorded))
        times.append(max(r.report_seconds for r in recorded))
        rows.append(_row(name, recorded[0].cycles, overheads[-1], sizes[-1], times[-1]))
        tell(f"{name}: done")
    cycles = sum(int(str(row["cycles"])) for row in rows)
    rows.append(_row("worst", cycles, max(overheads), max(sizes), max(times)))
    return rows, {MCU: next(iter(elfs.values()))}


def _row(name: str, cycles: int, overhead: float, size: int, seconds: float) -> Row:
    return {
        "firmware": name,
        "cycles": cycles,
        "overhead_ratio": round(overhead, 3),
        "report_bytes": size,
        "report_seconds": round(seconds, 3),
    }
