# SPDX-License-Identifier: GPL-3.0-or-later
"""CPython as the oracle: it runs the source, sees 16 bits at each operation, and always ends."""

from __future__ import annotations

import sys

import pytest

from kilolearn.errors import StepLimitError, SubsetError
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.oracle import run
from kilolearn.python_subset.run import RunError


def error_of(source: str) -> RunError | None:
    return run(source, "p.py", Devices()).error


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = 32767\nx = x + 1", "OverflowError", 2),
        ("x = 32767\nx = (x + 1) - 1", "OverflowError", 2),
        ("x = -32768\nx = x - 1", "OverflowError", 2),
        ("x = 182\nx *= x", "OverflowError", 2),
        ("x = -32768\nx = -x", "OverflowError", 2),
        ("x = -32768\nx = abs(x)", "OverflowError", 2),
        ("x = 1\nx = x << 15", "OverflowError", 2),
        ("x = 1\nx = x << 20000", "OverflowError", 2),
        ("w = [32767]\nw[0] += 1", "OverflowError", 2),
        ("x = 0\nx = (\n    1\n    // x\n)", "ZeroDivisionError", 3),
        ("x = 0\nx = 1 % x", "ZeroDivisionError", 2),
        ("w = [1]\nx = 1\nx = w[x]", "IndexError", 3),
        ("x = -1\nx = 1 >> x", "ValueError", 2),
        ("b = bytearray(1)\nb[0] -= 1", "ValueError", 2),
        ("def f():\n    return f()\n\n\nx = f()", "RecursionError", 2),
        ("def f(x):\n    return 1 // x\n\n\nx = f(1)\nx = f(0)", "ZeroDivisionError", 2),
        ("x = -32768\nx = x * 1 - 0 + 1 + ~0", None, None),
    ],
)
def test_an_error_has_its_kind_and_line(source, kind, line):
    error = error_of(source)
    assert error == (None if kind is None else RunError(kind, line))


def test_wrapping_keeps_the_low_bits():
    left = run("x = 32767\nx += 1\ny = x * 3 - 1\nz = -32768 // -1", "p.py", Devices(), "wrap")
    assert left.variables == {"x": -32768, "y": 32767, "z": -32768}


def test_what_was_done_before_an_error_stays():
    left = run("x = 1\nw = [5]\nx = 2\nw[0] = 1 // 0\ny = 3\nv = [4]", "p.py", Devices())
    assert left.variables == {"x": 2, "y": 0, "w": (5,), "v": (4,)}


@pytest.mark.parametrize(
    "source",
    [
        "while True:\n    pass",
        "def f(n):\n    return f(n - 1) if n else 0\n\n\nfor i in range(32767):\n    x = f(100)",
        "for i in range(32767):\n    for j in range(32767):\n        pass",
    ],
)
def test_an_endless_program_ends_as_an_error(source):
    with pytest.raises(StepLimitError, match="did not end within 10,000 iterations and calls"):
        run(source, "p.py", Devices(), steps_max=10_000)


def test_a_program_that_waits_for_more_input_ends_as_an_error():
    with pytest.raises(StepLimitError, match="more than the 2 bytes of its input"):
        run("from chip import read\nfor i in range(3):\n    x = read()", "p.py", Devices(b"ab"))


def test_nothing_of_a_refused_program_is_run(capsys):
    with pytest.raises(SubsetError):
        run("print(1)", "p.py", Devices())
    assert capsys.readouterr().out == ""


def test_the_process_is_left_as_it_was():
    limit = sys.getrecursionlimit()
    run("from chip import pin\nx = pin(1)", "p.py", Devices(pins={1: 1}))
    assert sys.getrecursionlimit() == limit
    assert "chip" not in sys.modules


def test_a_programs_names_may_be_any():
    """What is added to a program does not meet its own names."""
    left = run(
        "narrow = 2\nstep = narrow * 3\ncounted = [step]\ncounted[0] += step", "p.py", Devices()
    )
    assert left.variables == {"narrow": 2, "step": 6, "counted": (12,)}
