# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage by source line, against counts that stand in the source and against single steps."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pyavr_sim import Chip, Firmware, NoDebugInfoError, until
from pyavr_sim.cli import app
from pyavr_sim.coverage import Branch, line_coverage, merge_coverage
from pyavr_sim.exit_codes import ExitCode
from pyavr_sim.export.lcov import lcov

SOURCES = Path(__file__).parent / "firmware"
FLAGS = ("-O0", "-DDEPTH=3")
LENGTH_OF_TWO_WORDS = 4


def covered(build, *flags):
    firmware = Firmware.load(build("branches.c", "atmega328p", *(flags or FLAGS)))
    with Chip("atmega328p", firmware) as chip:
        chip.run(100_000, until.ended())
        return line_coverage(firmware, chip.profile(), SOURCES)


def stated_hits():
    lines = (SOURCES / "branches.c").read_text().splitlines()
    stated = {n: re.search(r"/\* hits (\d+) \*/", line) for n, line in enumerate(lines, 1)}
    return {n: int(match[1]) for n, match in stated.items() if match}


def test_lines_are_hit_as_often_as_the_source_says(build):
    (file,) = covered(build).files
    assert file.path.endswith("/firmware/branches.c")
    stated = stated_hits()
    assert len(stated) == 7
    assert {line: file.hits[line] for line in stated} == stated
    assert set(file.lines_missed) >= {line for line, hits in stated.items() if not hits}
    assert {name: hits for name, (_, hits) in file.functions.items()} == {
        "odd": 2,
        "even": 3,
        "never": 0,
        "deep": 4,
        "main": 1,
    }


@pytest.mark.parametrize("flags", [FLAGS, ("-Os", "-DDEPTH=9"), ("-O2", "-flto", "-DDEPTH=9")])
def test_lines_and_branches_equal_a_trace_by_single_steps(build, flags):
    firmware = Firmware.load(build("branches.c", "atmega328p", *flags))
    executed, taken = Counter(), Counter()
    with Chip("atmega328p", firmware) as chip:
        while chip.pc != chip.symbols["main"].address or not executed:
            executed[chip.pc] += 1
            chip.run(1)
        for _ in range(20_000):
            pc = chip.pc
            executed[pc] += 1
            if chip.run(1).reason.value == "ended":
                break
            taken[pc] += chip.pc != pc + 2
        profile = chip.profile()
    trace = defaultdict(int)
    for pc, count in executed.items():
        trace[firmware.line_table.at(pc)] = max(trace[firmware.line_table.at(pc)], count)
    for file in line_coverage(firmware, profile).files:
        for line, hits in file.hits.items():
            assert hits == max(
                (
                    n
                    for place, n in trace.items()
                    if place and (place.path, place.line) == (file.path, line)
                ),
                default=0,
            )
        for branches in file.branches.values():
            for branch in branches:
                at = branch.address
                assert branch == Branch(at, taken[at], executed[at] - taken[at])


def test_a_round_of_a_loop_is_a_branch_of_its_line(build):
    (file,) = covered(build).files
    line = next(
        n
        for n, text in enumerate((SOURCES / "branches.c").read_text().splitlines(), 1)
        if "if (round & 1)" in text
    )
    (branch,) = [b for b in file.branches[line] if b.taken + b.not_taken == 5]
    assert {branch.taken, branch.not_taken} == {2, 3}


def test_a_line_that_begins_inside_an_instruction_has_none(build):
    firmware = Firmware.load(build("line_inside.c", "atmega328p"))
    assert 902 in {place.line for _, _, place in firmware.line_table.ranges()}
    with Chip("atmega328p", firmware) as chip:
        chip.run(1000, until.ended())
        (file,) = line_coverage(firmware, chip.profile(), SOURCES).files
    assert {line: file.hits.get(line) for line in (901, 902, 903)} == {901: 1, 902: None, 903: 1}


def test_runs_add_up(build):
    once = covered(build)
    twice = merge_coverage([once, once])
    assert twice.lines_percent == once.lines_percent < 100
    assert twice.branches_hit == once.branches_hit
    for one, both in zip(once.files, twice.files, strict=True):
        assert both.hits == {line: 2 * hits for line, hits in one.hits.items()}
        assert both.functions["odd"][1] == 4
    other = covered(build, "-O0", "-DDEPTH=0")
    both = merge_coverage([once, other])
    assert both.lines_hit >= max(once.lines_hit, other.lines_hit)


def compiled(folder, *flags):
    elf = folder / "branches.elf"
    source = SOURCES / "branches.c"
    command = ["avr-gcc", "-mmcu=atmega328p", *FLAGS, *flags, "-o", str(elf), str(source)]
    subprocess.run(command, check=True)
    return elf


@pytest.mark.parametrize(
    ("flags", "advice"), [(["-g0"], "gdwarf-4"), (["-gstabs"], r"stabs.*gdwarf-4")]
)
def test_without_dwarf_the_error_says_what_to_do(tmp_path, flags, advice):
    firmware = Firmware.load(compiled(tmp_path, *flags))
    with Chip("atmega328p", firmware) as chip, pytest.raises(NoDebugInfoError, match=advice):
        line_coverage(firmware, chip.profile())


def test_intel_hex_has_no_lines(build, tmp_path):
    hexed = tmp_path / "branches.hex"
    elf = build("branches.c", "atmega328p", *FLAGS)
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, hexed], check=True)
    with Chip("atmega328p", hexed) as chip, pytest.raises(NoDebugInfoError, match="unstripped ELF"):
        line_coverage(Firmware.load(hexed), chip.profile())


def test_genhtml_reads_the_tracefile_and_agrees(build, tmp_path):
    found = covered(build)
    trace = tmp_path / "coverage.info"
    trace.write_text(lcov(found))
    command = ["genhtml", "--branch-coverage", "-o", str(tmp_path / "html"), str(trace)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"({found.lines_hit} of {found.lines_found} lines)" in done.stdout
    assert f"({found.branches_hit} of {found.branches_found} branches)" in done.stdout
    assert "(4 of 5 functions)" in done.stdout


def test_the_command_prints_a_table_and_writes_lcov(build, tmp_path):
    elf, trace = build("branches.c", "atmega328p", *FLAGS), tmp_path / "out.info"
    arguments = ["coverage", str(elf), "--source", str(SOURCES)]
    done = CliRunner().invoke(app, [*arguments, "--lcov", str(trace), "--fail-under", "50"])
    assert done.exit_code == ExitCode.OK, done.output
    assert "branches.c" in done.output.replace("\n", "")
    assert trace.read_text() == lcov(covered(build))

    done = CliRunner().invoke(app, [*arguments, "--json", "--fail-under", "100"])
    assert done.exit_code == ExitCode.TEST_FAILED
    found = json.loads(done.stdout.splitlines()[0])
    assert found["lines_hit"] == covered(build).lines_hit
    assert found["files"][0]["lines_missed"] == covered(build).files[0].lines_missed


def test_the_command_counts_up_to_a_fault(build):
    elf = build("faults.c", "atmega328p", "-DFAULT=2")
    done = CliRunner().invoke(app, ["coverage", str(elf), "--source", str(SOURCES)])
    assert done.exit_code == ExitCode.FIRMWARE_FAULT
    assert "total" in done.stdout


def test_the_command_refuses_stabs_in_one_line(tmp_path):
    elf = compiled(tmp_path, "-gstabs")
    done = CliRunner().invoke(app, ["coverage", str(elf)])
    assert done.exit_code == ExitCode.USAGE
    assert "-gdwarf-4" in done.stderr
    assert "Traceback" not in done.output
