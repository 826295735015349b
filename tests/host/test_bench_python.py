# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks of Python programs in a short form: one chip, a few seeds."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from kilolearn.cli import app

KEYS = (
    "system chip fits vm_flash bytecode flash sram_high_water sram_spare cycles_per_op "
    "cycles_per_step same_as_cpython ratio_to_hand"
)
EXAMPLE_KEYS = (
    "program task chip accuracy p5 accuracy_cpython same_as_cpython seeds bytecode flash "
    "sram_high_water cycles_per_sample"
)


def rows_of(*arguments: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, ["bench", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["bench"] == arguments[0]
    return said["rows"]


@pytest.fixture(autouse=True)
def build_folder_of_this_process(monkeypatch, tmp_path):
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path))


def test_every_system_runs_the_program_as_cpython_does():
    rows = rows_of("python", "--chip", "attiny1634")
    systems = {str(row["system"]): row for row in rows}
    for row in rows:
        assert list(row) == KEYS.split()
        assert row["same_as_cpython"] is True
        assert row["sram_high_water"] + row["sram_spare"] == 1024
    machine, by_hand = systems["vm, in flash"], systems["c, by hand"]
    assert machine["vm_flash"] + machine["bytecode"] <= machine["flash"]
    assert systems["vm, uploaded"]["sram_high_water"] <= 240
    assert by_hand["ratio_to_hand"] == 1.0
    assert by_hand["cycles_per_step"] < machine["cycles_per_step"]
    assert systems["c, unchecked"]["ratio_to_hand"] < systems["c, checked"]["ratio_to_hand"]


@pytest.mark.long
def test_a_chip_without_room_is_a_row_that_says_so():
    rows = {str(row["system"]): row for row in rows_of("python", "--chip", "attiny13a")}
    assert rows["c, by hand"]["fits"] is True
    refused = rows["c, checked"]
    assert refused["fits"] is False
    assert all(refused[key] is None for key in KEYS.split()[3:])


def test_an_example_learns_on_the_chip_what_it_learns_in_cpython(monkeypatch):
    monkeypatch.setattr(
        "kilolearn.commands.bench.examples.processes", lambda jobs: ThreadPoolExecutor(1)
    )
    (row,) = rows_of("examples", "--program", "rules", "--chip", "attiny1634", "--seeds", "3")
    assert list(row) == EXAMPLE_KEYS.split()
    assert row["same_as_cpython"] is True
    assert row["accuracy"] == row["accuracy_cpython"] > 85


def test_an_unknown_program_is_answered_with_those_there_are():
    done = CliRunner().invoke(app, ["bench", "examples", "--program", "snake"])
    assert done.exit_code == 2
    assert "snake; choose of averaged_perceptron" in " ".join(done.output.replace("│", " ").split())
