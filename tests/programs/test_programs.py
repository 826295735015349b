# SPDX-License-Identifier: GPL-3.0-or-later
"""One feature a program: CPython and every back end leave the same behind."""

from __future__ import annotations

import pytest
from ahead_on_host import run_ahead_on_host
from back_ends import BACK_ENDS, IN_TURN
from cases import PROGRAMS, expected, load

CHIPS = [
    "atmega328p",
    pytest.param("attiny1634", marks=pytest.mark.long),
    pytest.param("attiny85", marks=pytest.mark.long),
]


@pytest.mark.parametrize("path", PROGRAMS)
@pytest.mark.parametrize("mcu", CHIPS)
@pytest.mark.parametrize("back_end", IN_TURN)
def test_a_chip_does_as_cpython(back_end, mcu, path, folder):
    case = load(path)
    assert BACK_ENDS[back_end](case, mcu, folder) == expected(case)


# What each of the chips has of its own: its line, its converter, its port, no MUL.
@pytest.mark.parametrize(
    "path", ["devices/read.py", "devices/adc.py", "devices/pins.py", "arithmetic/multiply.py"]
)
@pytest.mark.parametrize(
    "mcu",
    [
        "attiny1634",
        "attiny85",
        pytest.param("atmega88p", marks=pytest.mark.long),
        pytest.param("atmega168p", marks=pytest.mark.long),
    ],
)
def test_every_chip_has_the_devices(mcu, path, folder):
    case = load(path)
    assert BACK_ENDS["ahead"](case, mcu, folder) == expected(case)


@pytest.fixture(scope="session")
def runs_on_host(folder):
    cases = [load(path) for path in PROGRAMS]
    return dict(zip(PROGRAMS, run_ahead_on_host(cases, folder / "host"), strict=True))


@pytest.mark.parametrize("path", PROGRAMS)
def test_the_same_c_on_the_host_does_as_cpython(runs_on_host, path):
    assert runs_on_host[path] == expected(load(path))


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_program_errs_where_its_name_says_so(path):
    error = expected(load(path)).error
    assert (error is not None) == path.startswith(("errors/", "wrap/errors"))


def test_without_checks_a_program_without_errors_does_the_same(folder):
    cases = [load(path) for path in PROGRAMS]
    cases = [case for case in cases if expected(case).error is None]
    runs = run_ahead_on_host(cases, folder / "unchecked", checked=False)
    assert runs == [expected(case) for case in cases]
