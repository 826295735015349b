# SPDX-License-Identifier: GPL-3.0-or-later
"""One feature a program: CPython and every back end leave the same behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ahead_on_host import run_ahead_on_host
from cases import PROGRAMS, Case, expected, load

from kilolearn.python_subset.ahead_chip import build_ahead, run_ahead
from kilolearn.python_subset.check import check
from kilolearn.python_subset.run import Run


def ahead_on_chip(case: Case, mcu: str, folder: Path) -> Run:
    program = check(case.source, case.path)
    elf = build_ahead(program, mcu, folder, case.overflow)
    return run_ahead(program, elf, mcu, case.devices)[0]


#: A back end more is a line more.
BACK_ENDS: dict[str, Callable[[Case, str, Path], Run]] = {"ahead": ahead_on_chip}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """One for all programs: what does not change between them is built once."""
    return tmp_path_factory.mktemp("programs")


@pytest.mark.parametrize("path", PROGRAMS)
@pytest.mark.parametrize("back_end", BACK_ENDS)
def test_a_chip_does_as_cpython(back_end, path, folder):
    case = load(path)
    assert BACK_ENDS[back_end](case, "atmega328p", folder) == expected(case)


@pytest.fixture(scope="session")
def runs_on_host(folder):
    return dict(
        zip(
            PROGRAMS,
            run_ahead_on_host([load(path) for path in PROGRAMS], folder / "host"),
            strict=True,
        )
    )


@pytest.mark.parametrize("path", PROGRAMS)
def test_the_same_c_on_the_host_does_as_cpython(runs_on_host, path):
    assert runs_on_host[path] == expected(load(path))


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_program_errs_where_its_name_says_so(path):
    error = expected(load(path)).error
    assert (error is not None) == path.startswith(("errors/", "wrap/errors"))
