# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``pyavr-sim`` command."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import metadata, resources

import jsonschema
import pytest
from typer.testing import CliRunner, Result

import pyavr_sim
from pyavr_sim.cli import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100", "TERM": "dumb"})


def test_chips_lists_every_chip_with_its_memories() -> None:
    done = run("chips")

    assert done.exit_code == 0
    for chip in pyavr_sim.chips():
        assert chip.name in done.output
    line = next(line for line in done.output.splitlines() if "attiny1634" in line)
    assert line.split() == ["attiny1634", "16,384", "1,024", "256", "no", "2", "8", "ours"]


def test_chips_as_json_has_the_figures_of_the_datasheets() -> None:
    done = run("chips", "--json")

    rows = {row["name"]: row for row in json.loads(done.output)}
    assert done.exit_code == 0
    assert rows["attiny13a"] == {
        "name": "attiny13a",
        "flash_bytes": 1024,
        "sram_bytes": 64,
        "sram_start": 0x60,
        "eeprom_bytes": 64,
        "has_mul": False,
        "hz_default": 9_600_000,
        "uarts": 0,
        "source": "simavr",
    }
    assert rows["atmega328p"]["has_mul"] is True
    ours = [name for name, row in rows.items() if row["source"] == "ours"]
    assert ours == ["attiny88", "attiny841", "attiny1634"]


def test_the_chips_as_json_are_as_the_schema_says() -> None:
    text = resources.files("pyavr_sim").joinpath("schemas", "chips.json").read_text("utf-8")

    jsonschema.validate(json.loads(run("chips", "--json").output), json.loads(text))


def test_the_help_documents_every_json_key() -> None:
    described = run("chips", "--help").output

    for key in json.loads(run("chips", "--json").output)[0]:
        assert re.search(rf"\b{key}\b", described), key


def test_version_is_that_of_the_distribution() -> None:
    assert run("--version").output == f"pyavr-sim {metadata.version('kilolearn')}\n"


def test_the_command_is_installed() -> None:
    printed = subprocess.run(["pyavr-sim", "chips"], capture_output=True, text=True, check=True)

    assert "attiny1634" in printed.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["chips", "--nonsense"]])
def test_an_unknown_word_is_a_usage_error(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
