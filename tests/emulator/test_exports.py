# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings as files, read by the tools that they are for."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from vcdvcd import VCDVCD

from pyavr_sim import Chip, until
from pyavr_sim.export.callgrind import callgrind
from pyavr_sim.export.chrome_trace import chrome_trace
from pyavr_sim.export.markdown import markdown
from pyavr_sim.export.speedscope import speedscope
from pyavr_sim.export.vcd import vcd
from pyavr_sim.recording import record

# Importing vcdvcd lets a broken pipe end the process; whatever writes to a worker that died would.
signal.signal(signal.SIGPIPE, signal.SIG_IGN)

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "build/oracle/node_modules/speedscope/dist/release/file-format-schema.json"


@pytest.fixture(scope="module")
def busy(restless):
    """Interrupts, sleep and EEPROM, from power-up."""
    with restless("atmega328p", 7).power_up() as chip:
        return record(chip, 100_000, variables=["ticks", "mix"])


@pytest.fixture(scope="module")
def blinking(build):
    with Chip("atmega328p", build("branches.c", "atmega328p", "-O0", "-DDEPTH=2")) as chip:
        return record(chip, 100_000, until.ended(), variables=["count"])


def test_speedscope_takes_it_by_its_own_schema(busy):
    document = json.loads(speedscope(busy))
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    cycles, stack = document["profiles"]
    assert cycles["endValue"] == sum(cycles["weights"]) == busy.cycles
    assert stack["endValue"] == busy.stack_high_water
    frames = document["shared"]["frames"]
    deepest = [frames[index]["name"] for index in stack["samples"][-1]]
    assert deepest[1:] == [frame.function for frame in busy.deepest.frames[1:]]
    assert {"name": "main", "file": "restless.c"}.items() <= frames[1].items()


def annotated(text, folder, *options):
    file = folder / "callgrind.out"
    file.write_text(text)
    command = ["callgrind_annotate", "--threshold=100", *options, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    totals = re.search(r"^([\d,]+) \(100.0%\).*PROGRAM TOTALS", done.stdout, re.M)
    rows = re.findall(r"^ *([\d,]+) \([ \d.]+%\).*?:(\S+)(?: \[.*)?$", done.stdout, re.M)
    by_function: Counter[str] = Counter()
    for cycles, name in rows:  # a function has a row a source file
        by_function[name] += int(cycles.replace(",", ""))
    return int(totals[1].replace(",", "")), by_function


def test_callgrind_annotate_counts_the_same(busy, tmp_path):
    total, self_cycles = annotated(callgrind(busy), tmp_path, "--auto=no")
    assert total == busy.profile.cycles_total == busy.cycles
    for name, cost in busy.profile.by_function().items():
        if name in ("stir", "main", "__vector_11"):
            assert self_cycles[name] == cost.cycles


def test_callgrind_annotate_sums_what_was_called(blinking, tmp_path):
    _, inclusive = annotated(callgrind(blinking), tmp_path, "--inclusive=yes", "--auto=no")
    tree = blinking.call_tree
    total = tree.cycles_total()
    for node in range(1, len(tree)):
        if tree.name(node) in ("main", "odd", "even"):
            assert inclusive[tree.name(node)] == total[node]


def test_chrome_trace_holds_every_call_inside_its_caller(busy):
    document = json.loads(chrome_trace(busy))
    calls = [event for event in document["traceEvents"] if event["ph"] == "X"]
    assert len(calls) == (busy.call_events.address >= 0).sum()
    spans = sorted((c["args"]["cycle"], -c["args"]["cycles"]) for c in calls)
    ends = []
    for begin, cycles in spans:
        while ends and ends[-1] <= begin:
            ends.pop()
        assert not ends or begin - cycles <= ends[-1]
        ends.append(begin - cycles)
    tracks = {c["name"]: c["tid"] for c in calls if c["name"].startswith("__vector_")}
    assert set(tracks.values()) == {2}
    main = next(c for c in calls if c["name"] == "main")
    assert main["tid"] == 1
    assert main["ts"] + main["dur"] == pytest.approx(busy.cycle_end / 16)


def test_a_vcd_reader_finds_every_change_at_its_cycle(busy, blinking, tmp_path):
    for recording in (busy, blinking):
        file = tmp_path / "out.vcd"
        file.write_text(vcd(recording))
        read = VCDVCD(str(file))
        assert read.endtime == recording.cycle_end
        waves = [*recording.pin_changes, *recording.variable_changes, recording.sp_changes]
        by_name = {name.split(".")[-1].split("[")[0]: name for name in read.signals}
        assert set(by_name) == {wave.name for wave in waves}
        for wave in waves:
            found = [(at, int(value, 2)) for at, value in read[by_name[wave.name]].tv]
            expected = zip(wave.cycles.tolist(), wave.values.tolist(), strict=True)
            assert found == list(expected)
    assert [wave.name for wave in blinking.pin_changes] == ["B0"]


def test_markdown_names_costs_variables_and_calls(busy):
    page = markdown(busy)
    assert f"| SRAM, high-water | {busy.sram_high_water:,} B | 2,048 B |" in page
    assert "| `waiting` | 8 | restless.c:27 |" in page
    assert "| `__vector_16` |" in page
    tables = [block.splitlines() for block in page.split("\n\n") if block.startswith("|")]
    for table in tables:
        assert len({row.count("|") for row in table}) == 1


def test_without_names_every_file_is_written_all_the_same(build, tmp_path):
    hexed = tmp_path / "ticks.hex"
    elf = build("ticks.c", "attiny85")
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, hexed], check=True)
    with Chip("attiny85", hexed) as chip:
        recording = record(chip, 5_000)
    jsonschema.validate(json.loads(speedscope(recording)), json.loads(SCHEMA.read_text()))
    total, _ = annotated(callgrind(recording), tmp_path)
    assert total == recording.profile.cycles_total
    for export in (chrome_trace, vcd, markdown):
        assert export(recording)
