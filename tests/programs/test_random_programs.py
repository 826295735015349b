# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs drawn from the grammar: CPython and every back end leave the same behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ahead_on_host import run_ahead_on_host
from back_ends import BACK_ENDS, IN_TURN
from cases import Case
from python_machine import machine_on
from random_programs import random_program

from kilolearn.errors import StepLimitError
from kilolearn.python_subset import oracle
from kilolearn.python_subset.run import Run

STEPS_MAX = 3000


def drawn(seeds: range) -> Iterator[tuple[Case, Run]]:
    """Programs and what CPython makes of them; the few that take long or read much are left out."""
    for seed in seeds:
        case = random_program(seed)
        try:
            run = oracle.run(
                case.source, case.path, case.devices, case.overflow, steps_max=STEPS_MAX
            )
        except StepLimitError:
            continue
        yield case, run


@pytest.mark.parametrize(
    "seeds",
    [
        range(80),
        *(
            pytest.param(range(start, start + 200), marks=pytest.mark.long)
            for start in range(1000, 5000, 200)
        ),
    ],
    ids=str,
)
def test_ahead_on_the_host_does_as_cpython(seeds, tmp_path):
    """With all checks; and, where CPython found no error, without any."""
    cases = dict(drawn(seeds))
    assert len(cases) > 0.9 * len(seeds)
    assert run_ahead_on_host(list(cases), tmp_path / "checked") == list(cases.values())

    clean = {case: run for case, run in cases.items() if run.error is None}
    assert len(clean) > 0.3 * len(seeds)
    runs = run_ahead_on_host(list(clean), tmp_path / "unchecked", checked=False)
    assert runs == list(clean.values())


@pytest.mark.parametrize(
    ("mcu", "seeds"),
    [
        ("atmega328p", range(200, 210)),
        ("attiny1634", range(215, 220)),
        pytest.param("atmega328p", range(300, 400), marks=pytest.mark.long),
        pytest.param("attiny1634", range(400, 500), marks=pytest.mark.long),
        pytest.param("attiny85", range(500, 600), marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("back_end", IN_TURN)
def test_a_chip_does_as_cpython(back_end, mcu, seeds, folder):
    for case, run in drawn(seeds):
        assert BACK_ENDS[back_end](case, mcu, folder) == run, case.source


@pytest.mark.parametrize(
    "seeds",
    [range(600, 680), pytest.param(range(5000, 8000), marks=pytest.mark.long)],
    ids=str,
)
@pytest.mark.parametrize(("overflow", "config"), [("error", None), ("wrap", "wraps")])
def test_an_uploaded_program_does_as_cpython(overflow, config, seeds):
    """One machine takes them all, one after the other."""
    with machine_on("atmega328p", config) as machine:
        for case, run in drawn(seeds):
            if case.overflow == overflow:
                assert machine.run(case) == run, case.source
