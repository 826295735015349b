# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py``: what it prints, and what it says to bad input."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilolearn.cli import app
from kilolearn.errors import BuildError, StepLimitError, SubsetError
from kilolearn.example_programs import examples_folder, perceptron_input

OUTSIDE = "from chip import emit\n\nemit(len('abc'))\n"
COUNTS = """\
from chip import emit, read

total = 0
for i in range(2):
    total += read()
emit(total)
"""
FAILS = "from chip import emit\n\na = [1, 2]\ni = 1\ni += 1\nemit(7)\nemit(a[i])\n"


def kilolearn(*arguments: object):
    return CliRunner().invoke(app, ["py", *map(str, arguments)])


@pytest.fixture(autouse=True)
def build_folder_of_this_process(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path_factory.getbasetemp() / "build"))


@pytest.fixture
def program(tmp_path):
    def write(source: str | bytes, name: str = "p.py"):
        path = tmp_path / name
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    return write


def flat(text: str) -> str:
    """Without the frame and the line breaks of a usage message."""
    return " ".join(text.replace("│", " ").split())


def test_check_says_what_the_globals_take(program):
    path = program("a = [1, 2, 3]\nb = bytearray(4)\nx = 0\nx = a[0]\n")
    done = kilolearn("check", path)
    assert done.exit_code == 0
    assert done.stdout == f"{path}: 0 functions, 1 variables, 2 arrays; globals take 12 bytes\n"


def test_run_prints_what_is_emitted_and_then_the_globals(program):
    done = kilolearn("run", program(COUNTS), "--backend", "cpython", "--input", "05 ff")
    assert (done.exit_code, done.stdout) == (0, "260\n")
    assert done.stderr == "total = 260\ni = 1\n"


def test_run_takes_its_input_from_a_file(program):
    given = program(b"\x01\x02", "input.bin")
    done = kilolearn("run", program(COUNTS), "--backend", "cpython", "--input", given)
    assert done.stdout == "3\n"


def test_an_error_of_the_program_is_told_as_python_does(program):
    path = program(FAILS)
    done = kilolearn("run", path, "--backend", "cpython")
    assert (done.exit_code, done.stdout) == (1, "7\n")
    assert done.stderr.endswith(
        f'  File "{path}", line 7\n    emit(a[i])\nIndexError: index out of range\n'
    )


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    ("source", "said"),
    [
        (OUTSIDE, "p.py:3:"),
        ("x = (\n", "p.py:1:5: this is not Python"),
        (b"x = '\xff'\n", "p.py:1:1: this is not UTF-8"),
        ("import os\n", "p.py:1:1: import of a module is outside the subset"),
    ],
    ids=["outside", "syntax", "bytes", "import"],
)
def test_what_is_refused_is_told_with_its_place(program, command, source, said):
    done = kilolearn(command, program(source))
    assert isinstance(done.exception, SubsetError)
    assert said in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "absent.py"), "file 'absent.py' does not exist"),
        (("run", "absent.py"), "file 'absent.py' does not exist"),
        (("run", __file__, "--input", "0x"), "'0x' is no file and no bytes in hexadecimal"),
        (("run", __file__, "--adc", "8=1"), "'8=1' is not NUMBER=VALUE; expected 0-7 and 0-1023"),
        (("run", __file__, "--adc", "1=1024"), "expected 0-7 and 0-1023"),
        (("run", __file__, "--pin", "1"), "expected 0-7 and 0-1"),
        (("run", __file__, "--backend", "java"), "'java' is not one of"),
    ],
)
def test_bad_usage_is_answered_with_what_was_expected(arguments, said):
    done = kilolearn(*arguments)
    assert done.exit_code == 2
    assert said in flat(done.stderr)


@pytest.mark.parametrize("backend", ["bytecode", "c"])
@pytest.mark.parametrize("mcu", ["atmega328p", "attiny85"])
def test_a_chip_prints_what_cpython_prints(program, backend, mcu):
    done = kilolearn("run", program(COUNTS), "--backend", backend, "--mcu", mcu, "--input", "05 ff")
    assert (done.exit_code, done.stdout) == (0, "260\n"), done.exception
    variables, cost = done.stderr.split(f"{mcu}: ")
    assert variables == "total = 260\ni = 1\n"
    assert re.match(r"flash [\d,]+ B.*; [\d,]+ cycles, [\d,]+ without the line; SRAM \d+ B", cost)
    assert ("of it bytecode" in cost) == (backend == "bytecode")


@pytest.mark.parametrize("backend", ["bytecode", "c"])
def test_a_chip_tells_an_error_as_cpython_does(program, backend):
    path = program(FAILS)
    done = kilolearn("run", path, "--backend", backend)
    assert (done.exit_code, done.stdout) == (1, "7\n")
    assert done.stderr.endswith(
        f'  File "{path}", line 7\n    emit(a[i])\nIndexError: index out of range\n'
    )


def test_arithmetic_wraps_when_asked_to(program):
    path = program("from chip import emit\n\nx = 200\nx = x * x\nemit(x)\n")
    for backend in ("bytecode", "c", "cpython"):
        assert kilolearn("run", path, "--wrap", "--backend", backend).stdout == "-25536\n"
        assert kilolearn("run", path, "--backend", backend).exit_code == 1


def test_the_world_is_as_the_options_say(program):
    path = program("from chip import adc, emit, pin\n\nemit(adc(2))\nemit(pin(1))\nemit(pin(3))\n")
    for backend in ("bytecode", "c", "cpython"):
        done = kilolearn("run", path, "--adc", "2=1023", "--pin", "1=1", "--backend", backend)
        assert done.stdout.split() == ["1023", "1", "0"], backend


def test_the_articles_program_fits_an_attiny13a_without_its_constants(program):
    given = program(perceptron_input(100), "stream.bin")
    options = ("--mcu", "attiny13a", "--input", given, "--drop-constants")
    path = examples_folder() / "perceptron.py"
    done = kilolearn("run", path, *options)
    assert done.stdout == kilolearn("run", path, *options, "--backend", "cpython").stdout
    assert "STEPS" not in done.stderr
    used = int(re.search(r"SRAM (\d+) B", done.stderr)[1])
    assert used <= 64 - 8


@pytest.mark.parametrize("backend", ["bytecode", "c"])
def test_a_loop_without_end_is_stopped(program, backend):
    path = program("x = 1\nwhile x:\n    pass\n")
    done = kilolearn("run", path, "--backend", backend, "--cycles-max", 100_000)
    assert isinstance(done.exception, StepLimitError)
    assert "did not end on the atmega328p within 100,000 cycles" in str(done.exception)


def test_what_does_not_fit_is_told_with_the_chips_that_have_room(program):
    done = kilolearn("run", program("a = [0] * 40\na[0] = 1\n"), "--mcu", "attiny13a")
    assert isinstance(done.exception, BuildError)
    assert "static SRAM" in str(done.exception)
    assert "attiny85" in str(done.exception)


@pytest.mark.parametrize("command", ["run", "build", "profile"])
def test_an_unknown_chip_is_answered_with_the_known_ones(program, command):
    done = kilolearn(command, program(COUNTS), "--mcu", "z80")
    assert isinstance(done.exception, BuildError)
    assert 'MCU="z80" is not known; choose MCU= one of: attiny13a' in str(done.exception)


@pytest.mark.parametrize("backend", ["bytecode", "c"])
def test_build_leaves_an_image_to_flash(program, tmp_path, backend):
    path = program(COUNTS)
    done = kilolearn(
        "build", path, "--mcu", "attiny85", "--backend", backend, "--out", tmp_path / "out"
    )
    elf, size = done.stdout.splitlines()
    assert Path(elf).is_relative_to(tmp_path / "out")
    assert Path(elf).with_suffix(".hex").is_file()
    assert size.startswith("attiny85: flash ")


def test_build_needs_a_back_end_for_chips(program):
    done = kilolearn("build", program(COUNTS), "--mcu", "attiny85", "--backend", "cpython")
    assert done.exit_code == 2
    assert "CPython needs no image; choose bytecode or c" in flat(done.stderr)


def test_profile_accounts_for_every_operation_by_line(program):
    done = kilolearn("profile", program(COUNTS), "--input", "05 ff")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["cycles", "share", "times", "operations", "line"]
    times = {row[4]: int(row[2]) for row in rows[1:] if row[4:] and row[4][0].isdigit()}
    assert times == {"3:": 1, "4:": 3, "5:": 2, "6:": 1}
    assert ["4", "globals"] in rows
    assert ["2", "total"] in rows


def test_trace_shows_each_line_and_what_it_changed(program):
    done = kilolearn("profile", program(COUNTS), "--input", "05 ff", "--trace")
    assert [" ".join(line.split()) for line in done.stdout.splitlines()] == [
        "3: total = 0",
        "4: for i in range(2):",
        "5: total += read() total = 5",
        "4: for i in range(2): i = 1",
        "5: total += read() total = 260",
        "4: for i in range(2):",
        "6: emit(total)",
    ]


def test_profile_stops_a_loop_without_end(program):
    done = kilolearn("profile", program("x = 1\nwhile x:\n    pass\n"), "--cycles-max", 10_000)
    assert isinstance(done.exception, StepLimitError)
