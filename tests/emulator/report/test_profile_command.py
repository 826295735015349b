# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim profile``, and the small form of a recording for notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pyavr_sim.cli import app
from pyavr_sim.recording import Recording

Build = Callable[..., Path]


@pytest.fixture
def elf(build: Build) -> Path:
    return build("pictured.c", "atmega328p")


def profile(*arguments: object, **environment: str) -> Result:
    env = {"COLUMNS": "100", "TERM": "dumb", "GITHUB_STEP_SUMMARY": "", **environment}
    return CliRunner().invoke(app, ["profile", *map(str, arguments)], env=env)


def test_every_file_is_written_and_named(elf: Path, tmp_path: Path) -> None:
    kinds = ("html", "speedscope", "callgrind", "chrome-trace", "vcd", "markdown", "lcov")
    files = {kind: tmp_path / kind for kind in kinds}
    options = [part for kind, path in files.items() for part in (f"--{kind}", path)]

    done = profile(elf, *options, "--variable", "ticks", "--pin", "B0")

    assert done.exit_code == 0, done.output
    assert "The firmware ended by itself" in done.stdout
    for kind, path in files.items():
        assert path.stat().st_size > 100, kind
        assert str(path) in done.stdout
    assert files["html"].read_text().startswith("<!doctype html>")
    json.loads(files["speedscope"].read_text())
    assert "ticks" in files["vcd"].read_text()


def test_a_firmware_that_never_ends_is_cut_and_reported(build: Build, tmp_path: Path) -> None:
    endless, html = build("pictured.c", "atmega328p", "-DENDLESS"), tmp_path / "report.html"

    done = profile(endless, "--cycles-max", 200_000, "--html", html)

    assert done.exit_code == 0
    said = re.search(r"Cut at the limit, after 200,0\d\d cycles\.", done.stdout)
    assert said
    assert said[0] in html.read_text()


def test_milliseconds_are_emulated_ones(build: Build) -> None:
    endless = build("pictured.c", "atmega328p", "-DENDLESS")

    done = profile(endless, "--ms", 5, "--hz", 8_000_000, "--json")

    assert 40_000 <= json.loads(done.stdout)["cost"]["cycles"] < 40_010


def test_a_fault_is_reported_with_its_own_code(build: Build, tmp_path: Path) -> None:
    faulty, html = build("pictured.c", "atmega328p", "-DFAULT"), tmp_path / "report.html"

    done = profile(faulty, "--html", html)

    assert done.exit_code == 12
    assert "wrote to data address 0x0963" in done.stdout
    assert "wrote to data address 0x0963" in html.read_text()


def test_json_adds_up(elf: Path) -> None:
    told = json.loads(profile(elf, "--json", "--volts", 3.3).stdout)

    assert sum(row["cycles_self"] for row in told["functions"]) == told["cost"]["cycles"]
    assert told["cost"]["sram_bytes"] == told["cost"]["static_bytes"] + told["cost"]["stack_bytes"]
    assert told["energy"]["volts"] == 3.3
    assert [finding["kind"] for finding in told["findings"]] == ["uninitialised read"]
    assert told["files"] == {}


def test_a_github_workflow_gets_a_summary_behind_what_is_there(elf: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")

    profile(elf, GITHUB_STEP_SUMMARY=str(summary))

    assert re.match(r"before\n## pictured-atmega328p-\w+\.elf on atmega328p\n", summary.read_text())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ms", 1, "--cycles-max", 1], "give one of them"),
        (["--volts", 0], "--volts must be above 0"),
        (["--variable", "nobody"], "has no variable 'nobody'"),
        (["--pin", "Q9"], "Q9"),
        (["--html", "/nowhere/report.html"], "No such file"),
    ],
)
def test_bad_input_is_told_in_a_line(elf: Path, arguments: list[object], said: str) -> None:
    done = profile(elf, *arguments)

    assert done.exit_code == 2
    assert said in re.sub(r"\s+", " ", done.output)
    assert "Traceback" not in done.output


def test_a_notebook_shows_the_recording(recorded: Recording) -> None:
    html = recorded._repr_html_()

    assert f"SRAM {recorded.sram_high_water:,} of 2,048 B" in html
    assert f"stack {recorded.stack_high_water:,} B" in html
    assert "<svg" in html
    assert "<script" not in html
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%;background", html)]
    assert sum(widths) == pytest.approx(100, abs=0.05)
