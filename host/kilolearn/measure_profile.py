# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recorded run of a firmware takes of the PC, and the report that is made of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from kilolearn.emulator import load_emulator
from kilolearn.measure_engine import CYCLES_MAX

__all__ = ["RecordedRun", "run_recorded"]


@dataclass(frozen=True)
class RecordedRun:
    """One firmware, recorded from power-up to its end.

    Attributes:
        seconds: CPU time of the run with its recording, without loading.
        cycles: To the end.
        report_bytes: Of the HTML report.
        report_seconds: CPU time to render it.
    """

    seconds: float
    cycles: int
    report_bytes: int
    report_seconds: float


def run_recorded(elf: Path, mcu: str) -> RecordedRun:
    """Record a firmware and render its report.

    Args:
        elf: Built for `mcu`; ends asleep with interrupts off.
        mcu: The chip.
    """
    emulator = load_emulator()
    with emulator.Chip(mcu, elf) as chip:
        start = time.thread_time()
        recording = emulator.record(chip, CYCLES_MAX, emulator.until.ended())
        recorded = time.thread_time()
        page = recording.html()
        rendered = time.thread_time()
    return RecordedRun(recorded - start, recording.cycles, len(page.encode()), rendered - recorded)
