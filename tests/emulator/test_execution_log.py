# SPDX-License-Identifier: GPL-3.0-or-later
"""A log of what all chips execute, against counts that stand in branches.c and against steps."""

from __future__ import annotations

import gc
import re
from collections import Counter
from pathlib import Path

import pytest

from pyavr_sim import Chip, Firmware, OutOfRangeAccessError, until
from pyavr_sim.coverage import line_coverage
from pyavr_sim.execution_log import ExecutionLog

SOURCES = Path(__file__).parent / "firmware"
BRANCHES = SOURCES / "branches.c"
CYCLES_MAX = 100_000


def stated_hits(times: int) -> dict[int, int]:
    """Line of branches.c -> how often it says to be executed, in so many runs."""
    stated = re.finditer(r"/\* hits (\d+) \*/", BRANCHES.read_text())
    lines = {match.string.count("\n", 0, match.start()) + 1: int(match[1]) for match in stated}
    assert len(lines) == 7
    return {line: hits * times for line, hits in lines.items()}


def logged_hits(log: ExecutionLog) -> dict[int, int]:
    """What a log says of the lines that state their hits."""
    hits = {file.path: file.hits for file in log.coverage(SOURCES).files}
    return {line: hits.get(str(BRANCHES), {}).get(line, 0) for line in stated_hits(0)}


@pytest.fixture
def elf(build) -> Path:
    return build("branches.c", "atmega328p", "-O0", "-DDEPTH=3")


def run(elf: Path, **options) -> Chip:
    chip = Chip("atmega328p", elf, **options)
    chip.run(CYCLES_MAX, until.ended())
    return chip


def test_a_closed_chip_counts_once(elf):
    with ExecutionLog() as log:
        chip = run(elf)
        chip.close()
        chip.close()
        assert logged_hits(log) == stated_hits(1)
    assert logged_hits(log) == stated_hits(1)


def test_a_chip_that_is_never_closed_counts_when_it_is_collected(elf):
    with ExecutionLog() as log:
        run(elf)
        gc.collect()
        assert logged_hits(log) == stated_hits(1)


def test_a_chip_that_is_still_there_counts_at_the_end_of_the_log(elf):
    with ExecutionLog() as log:
        chip = run(elf)
        assert logged_hits(log) == stated_hits(0)
    assert logged_hits(log) == stated_hits(1)
    log.close()
    chip.close()
    assert logged_hits(log) == stated_hits(1)


def test_chips_from_before_and_after_and_those_without_tracking_do_not_count(elf):
    with Chip("atmega328p", elf) as early, ExecutionLog() as log:
        early.run(CYCLES_MAX, until.ended())
        run(elf, tracking=False).close()
    run(elf).close()
    assert logged_hits(log) == stated_hits(0)


def test_a_log_inside_a_log_has_its_own_part(elf):
    with ExecutionLog() as outer:
        run(elf).close()
        with ExecutionLog() as inner:
            chip = run(elf)
        chip.close()
    assert logged_hits(inner) == stated_hits(1)
    assert logged_hits(outer) == stated_hits(2)


def test_copies_of_an_image_and_other_builds_add_up_by_line(build, elf, tmp_path):
    copy = tmp_path / "copy.elf"
    copy.write_bytes(elf.read_bytes())
    other = build("branches.c", "attiny85", "-O0", "-DDEPTH=3")
    with ExecutionLog() as log:
        run(elf).close()
        run(copy).close()
        with Chip("attiny85", other) as chip:
            chip.run(CYCLES_MAX, until.ended())
    assert logged_hits(log) == stated_hits(3)


@pytest.mark.parametrize("has_history", [False, True])
def test_what_a_restore_undoes_was_executed_all_the_same(elf, has_history):
    with ExecutionLog() as log, Chip("atmega328p", elf) as chip:
        start = chip.snapshot()
        for _ in range(3):
            if has_history:
                chip.keep_history()
            chip.run(CYCLES_MAX, until.ended())
            if has_history:
                chip.run_back_to(0)
            else:
                chip.restore(start)
    assert logged_hits(log) == stated_hits(3)


def test_each_firmware_of_a_chip_has_its_own_counts(build, elf):
    with ExecutionLog() as log, Chip("atmega328p", elf) as chip:
        start = chip.snapshot()
        chip.run(CYCLES_MAX, until.ended())
        chip.load(build("line_inside.c", "atmega328p"))
        chip.run(CYCLES_MAX, until.ended())
        chip.restore(start)
        chip.run(CYCLES_MAX, until.ended())
    assert logged_hits(log) == stated_hits(2)
    inside = {Path(file.path).name: file.hits for file in log.coverage().files}["line_inside.c"]
    assert (inside[901], inside[903]) == (1, 1)


def test_a_chip_that_faults_counts_up_to_there(build):
    elf = build("faults.c", "atmega328p", "-DFAULT=2")
    firmware = Firmware.load(elf)
    with ExecutionLog() as log:
        chip = Chip("atmega328p", elf)
        with pytest.raises(OutOfRangeAccessError):
            chip.run(CYCLES_MAX)
        expected = line_coverage(firmware, chip.profile())
        chip.close()
    assert log.coverage() == expected
    assert expected.lines_hit


def test_a_log_equals_a_trace_by_single_steps(build):
    elf = build("branches.c", "atmega328p", "-O2", "-flto", "-DDEPTH=9")
    firmware = Firmware.load(elf)
    executed: Counter[int] = Counter()
    with ExecutionLog() as log, Chip("atmega328p", elf) as chip:
        reason = ""
        while reason != "ended":
            executed[chip.pc] += 1
            reason = chip.run(1).reason.value
    lines: dict[tuple[str, int], int] = {}
    for pc, count in executed.items():
        if place := firmware.line_table.at(pc):
            key = place.path, place.line
            lines[key] = max(lines.get(key, 0), count)
    hits = {(f.path, n): hits for f in log.coverage().files for n, hits in f.hits.items()}
    assert {place: count for place, count in hits.items() if count} == lines
    assert len(lines) >= 7


def test_without_a_log_a_chip_keeps_no_tally(elf, monkeypatch):
    monkeypatch.setattr("pyavr_sim.execution_log._open", [])  # this session may have one
    assert run(elf).engine.tally is None
