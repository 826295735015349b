# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py``: what it prints, and what it says to bad input."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kilolearn.cli import app

OUTSIDE = "from chip import emit\n\nemit(len('abc'))\n"
COUNTS = "from chip import emit, read\n\ntotal = 0\nfor i in range(2):\n    total += read()\nemit(total)\n"
FAILS = "from chip import emit\n\na = [1, 2]\ni = 1\ni += 1\nemit(7)\nemit(a[i])\n"


def kilolearn(*arguments: object):
    return CliRunner().invoke(app, ["py", *map(str, arguments)])


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
    assert done.stderr.endswith(f'  File "{path}", line 7\n    emit(a[i])\nIndexError: index out of range\n')


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
    from kilolearn.errors import SubsetError

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
