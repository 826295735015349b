# SPDX-License-Identifier: GPL-3.0-or-later
"""The codecs benchmark, with one representation, one split and a short fit."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from kilolearn import bench_codecs
from kilolearn.cli import app
from kilolearn.codecs.designs import DESIGNS

KEYS = (
    "representation chip accuracy accuracies weights_bytes flash sram_high_water cycles_infer "
    "bit_exact_with_twin splits"
)


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """Ternary weights after three epochs."""
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path))
    design = DESIGNS["ternary"]
    short = design._replace(recipe=replace(design.recipe, epochs=3))
    monkeypatch.setitem(DESIGNS, "ternary", short)


def test_a_row_a_chip_with_the_keys_that_are_promised(quick, monkeypatch):
    monkeypatch.setattr(
        "kilolearn.commands.bench.codecs.processes", lambda jobs: ThreadPoolExecutor(1)
    )
    arguments = ["bench", "codecs", "--json", "--splits", "1", "--representation", "ternary"]
    arguments += ["--no-packed"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["bench"] == "codecs"
    assert [row["chip"] for row in said["rows"]] == list(bench_codecs.CHIPS)
    for row in said["rows"]:
        assert list(row) == KEYS.split()
        assert row["bit_exact_with_twin"] is True
        assert row["weights_bytes"] == 32 * 13 + 10 * 7 + 2 * 42
        assert row["accuracy"] > 70, "better than chance after three epochs"


def test_an_unknown_representation_is_answered_with_those_there_are():
    done = CliRunner().invoke(app, ["bench", "codecs", "--representation", "int5"])
    assert done.exit_code == 2
    assert "int5; choose of int8" in " ".join(done.output.replace("│", " ").split())
