# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the file is: one line on standard error, an exit code, and never a traceback."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pyavr_sim.cli import app
from pyavr_sim.exit_codes import ExitCode

from .conftest import Shell

NOT_READ = {
    "missing": lambda folder: folder / "missing.elf",
    "directory": lambda folder: folder,
    "below a file": lambda folder: _written(folder, b"x") / "firmware.elf",
    "not UTF-8": lambda folder: folder / "\udcff.elf",
}
NO_IMAGE = {
    "empty": b"",
    "text": b"hello",
    "the beginning of an ELF": b"\x7fELF",
    "a bad record": b":00000001FE\n",
}


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "firmware.elf"
    path.write_bytes(data)
    return path


def test_a_file_that_cannot_be_read_is_a_matter_of_usage(shell: Shell) -> None:
    for make in NOT_READ.values():
        done = shell("run", make(shell.folder))
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"pyavr-sim: ")
        assert done.stderr.count(b"\n") == 1


def test_a_file_that_is_no_image_is_a_matter_of_the_build(shell: Shell) -> None:
    for data in NO_IMAGE.values():
        done = shell("size", _written(shell.folder, data), "--mcu", "atmega328p")
        assert (done.returncode, done.stdout) == (9, b"")
        assert done.stderr.count(b"\n") == 1


def test_the_wrong_chip_is_named_with_the_right_one(shell: Shell, console: Path) -> None:
    wrong = shell("run", console, "--mcu", "attiny85")
    unknown = shell("run", console, "--mcu", "atmega9999")

    assert (wrong.returncode, unknown.returncode) == (9, 2)
    assert b"built for atmega328p; expected attiny85" in wrong.stderr
    assert b"there is no chip 'atmega9999'" in unknown.stderr


def test_an_image_that_names_no_chip_asks_for_one(shell: Shell, console_hex: Path) -> None:
    done = shell("size", console_hex)

    assert done.returncode == 2
    assert b"Add --mcu" in done.stderr


def test_a_file_name_that_is_no_text_is_printed_all_the_same(shell: Shell, console: Path) -> None:
    path = shell.folder / "\udcff.elf"
    path.write_bytes(console.read_bytes())

    assert shell("size", path).returncode == 0
    assert shell("run", path, "--expect-text", "\udcff", stdin=b"\xff").returncode == 0


def test_no_number_is_too_large(shell: Shell, console: Path) -> None:
    huge = str(10**30)
    limits = ["--cycles-max", huge, "--timeout-ms", huge, "--seed", huge]

    assert shell("run", console, *limits, "--expect-text", "ready").returncode == 0
    assert shell("run", console, "--uart", huge).returncode == 2
    assert shell("size", console, "--symbols", huge).returncode == 0


def test_a_stripped_image_runs_by_address(shell: Shell, console_hex: Path) -> None:
    done = shell("run", console_hex, "--mcu", "atmega328p", stdin=b"ue")

    assert done.returncode == 0
    assert b"uninitialised read: 0x" in done.stderr
    assert b" B, stack 8 B\n" in done.stderr
    assert b"Give the unstripped ELF" in done.stderr


@pytest.mark.parametrize(("flag", "found"), [("-g", b"stabs"), ("-g0", b"no debug information")])
def test_an_image_that_tells_no_lines_says_how_to_get_them(
    shell: Shell, flag: str, found: bytes
) -> None:
    source = Path(__file__).parents[1] / "firmware" / "console.c"
    elf = shell.folder / "console.elf"
    subprocess.run(["avr-gcc", "-mmcu=atmega328p", "-Os", flag, "-o", elf, source], check=True)

    done = shell("run", elf, stdin=b"ue")

    assert done.returncode == 0
    assert b"uninitialised read: mode (0x" in done.stderr
    assert b"The image has " + found in done.stderr
    assert b"-gdwarf-4" in done.stderr


@pytest.mark.parametrize(
    ("objcopy", "said"),
    [
        (["--strip-debug"], b"no debug information"),
        (["--strip-all"], b"This ELF has no symbols"),
        (["-O", "ihex"], b"An Intel HEX file has no symbols"),
    ],
    ids=["no DWARF", "stripped", "Intel HEX"],
)
def test_a_profile_goes_by_what_names_there_are(
    shell: Shell, console: Path, objcopy: list[str], said: bytes
) -> None:
    image = shell.folder / "image"
    subprocess.run(["avr-objcopy", *objcopy, console, image], check=True)
    limits = ["--mcu", "atmega328p", "--cycles-max", "3000"]

    profiled = shell("profile", image, *limits, "--html", "report.html")
    covered = shell("coverage", image, *limits)

    assert profiled.returncode == 0
    assert said in profiled.stdout
    assert b"  main" in profiled.stdout or b"  0x" in profiled.stdout
    page = (shell.folder / "report.html").read_bytes()
    assert said in page
    assert b"Cut at the limit" in page
    assert (covered.returncode, covered.stdout) == (2, b"")
    assert said in covered.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--expect-text", ""],
        ["--fail-text", ""],
        ["--timeout-ms", "0"],
        ["--hz", "0"],
        ["--budget", "missing.toml"],
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_a_matter_of_usage(
    shell: Shell, console: Path, options: list[str]
) -> None:
    assert shell("run", console, *options).returncode == 2


def test_budgets_that_make_no_sense_are_a_matter_of_usage(shell: Shell, console: Path) -> None:
    (shell.folder / "pyavr-sim.toml").write_text("[budget.x.y]\nflash = 3\n")

    done = shell("size", console)

    assert done.returncode == 2
    assert b"flash_bytes" in done.stderr


@pytest.mark.parametrize("command", [["size"], ["run", "--cycles-max", "3000", "--no-stdin"]])
def test_a_damaged_image_never_ends_in_a_traceback(
    tmp_path: Path, build: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = build("console.c", "atmega328p").read_bytes()
    chance = random.Random(1)
    seen = set()
    for number in range(75):
        data = bytearray(whole)
        if number % 3 == 0:
            del data[chance.randrange(len(data)) :]
        # The headers at both ends of the file decide what all else is taken for.
        for _ in range(chance.choice([1, 4, 30])):
            at = chance.choice([chance.randrange(len(data)), chance.randrange(min(200, len(data)))])
            data[at] = chance.randrange(256)
        path = tmp_path / "firmware.elf"
        path.write_bytes(data)
        done = CliRunner().invoke(app, [command[0], str(path), *command[1:]])
        assert done.exception is None or isinstance(done.exception, SystemExit), number
        seen.add(ExitCode(done.exit_code))
    assert {ExitCode.OK, ExitCode.BUILD} <= seen
