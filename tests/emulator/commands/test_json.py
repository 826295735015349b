# SPDX-License-Identifier: GPL-3.0-or-later
"""``--json`` of profile, coverage and debug: what the schemas allow, and that it is true."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from pyavr_sim import Chip, until

from .conftest import COMMAND, Shell, schema

SOURCES = Path(__file__).parents[1] / "firmware"


def test_a_profile_of_a_run_that_ended(shell: Shell, console: Path) -> None:
    options = ["--stdin", "--volts", "3.3", "--html", "a.html", "--chrome-trace", "b.json"]
    code, told = shell.json("profile", console, *options, stdin=b"e")

    with Chip("atmega328p", console) as chip:
        chip.uart(0).write(b"e")
        chip.run(1_000_000, until=until.ended())
        assert told["cost"] == {
            "flash_bytes": chip.firmware.flash_bytes,
            "static_bytes": chip.static_bytes,
            "stack_bytes": chip.stack_high_water,
            "sram_bytes": chip.sram_high_water,
            "cycles": chip.cycle,
        }
    assert (code, told["ending"], told["error"], told["exit_code"]) == (0, "ended", None, 0)
    assert told["uart"] == "ready\nbye\n"
    assert told["files"] == {"html": "a.html", "chrome_trace": "b.json"}
    assert sum(row["cycles_self"] for row in told["functions"]) == told["cost"]["cycles"]


@pytest.mark.parametrize("command", ["profile", "coverage"])
def test_a_fault_and_a_limit_are_told(shell: Shell, console: Path, command: str) -> None:
    source = ["--source", SOURCES] if command == "coverage" else []
    code, told = shell.json(command, console, "--stdin", *source, stdin=b"c")
    assert (code, told["ending"], told["exit_code"]) == (12, "fault", 12)
    assert "wrote to data address 0xF000" in told["error"]

    code, told = shell.json(command, console, "--ms", "2", "--hz", "1000000", *source)
    assert (code, told["ending"], told["hz"]) == (0, "cycles", 1_000_000)
    if command == "profile":
        assert 2000 <= told["cost"]["cycles"] < 2010


def test_coverage_below_what_is_asked_for_is_told(shell: Shell, console: Path) -> None:
    code, told = shell.json("coverage", console, "--source", SOURCES, "--fail-under", "99")

    assert (code, told["exit_code"]) == (1, 1)
    assert told["lines_percent"] < 99
    [file] = told["files"]
    assert file["path"] == str(SOURCES / "console.c")
    assert len(file["lines_missed"]) == told["lines_found"] - told["lines_hit"] > 0


def test_coverage_of_no_source_is_no_coverage(shell: Shell, console: Path) -> None:
    done = shell("coverage", console)

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"no source of" in done.stderr


def test_a_debug_server_tells_where_it_is(shell: Shell, console: Path) -> None:
    line = [COMMAND, "debug", str(console), "--port", "0", "--json"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        told = json.loads(server.stdout.readline())
        server.terminate()
    jsonschema.validate(told, schema("debug"))
    assert (told["host"], told["mcu"], told["firmware"]) == (
        "127.0.0.1",
        "atmega328p",
        str(console),
    )

    code, told = shell.json("debug", console, "--vscode")
    assert (code, told) == (0, {"launch_json": str(shell.folder / ".vscode" / "launch.json")})
