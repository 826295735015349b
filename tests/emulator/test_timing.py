# SPDX-License-Identifier: GPL-3.0-or-later
"""Function timers, against cycles counted by hand."""

from __future__ import annotations

from math import isnan

import pytest

from pyavr_sim import Chip, FunctionTimer, PyavrSimError, UnknownSymbolError, until


@pytest.fixture(params=["attiny85", "atmega328p"])
def timed(request, build):
    with Chip(request.param, build("timed.c", request.param)) as chip:
        yield chip


def test_a_function_is_timed_from_entry_to_return(timed):
    seven = timed.time("seven")
    assert isnan(seven.cycles_mean)
    timed.run(100_000, until=until.ended())

    assert seven.calls == 6  # five from main, one by the tail call
    assert seven.cycles_min == seven.cycles_max == 7
    assert seven.cycles_total == 42
    assert seven.cycles_mean == 7.0


def test_a_jump_back_to_the_entry_is_not_a_call(timed):
    spin = timed.time("spin")
    timed.run(100_000, until=until.ended())

    # dec and brne: 3 cycles a round, 2 the last one, then ret with 4
    assert spin.calls == 2
    assert spin.cycles_min == 1 * 3 - 1 + 4
    assert spin.cycles_max == 10 * 3 - 1 + 4


def test_recursion_is_one_call(timed):
    dive = timed.time("dive")
    timed.run(100_000, until=until.ended())

    assert dive.calls == 1
    assert timed.var("depth") == 4


def test_a_tail_call_belongs_to_both(timed):
    tail = timed.time("tail")
    timed.run(100_000, until=until.ended())

    assert (tail.calls, tail.cycles_total) == (1, 1 + 2 + 7)


def test_interrupts_within_a_function_are_counted_in(build):
    firmware = build("ticks.c", "attiny85")
    with Chip("attiny85", firmware) as chip:
        step = chip.time("step")
        chip.run(1_000_000, until=until.ended())

        assert step.calls == 2000
        assert step.cycles_max > step.cycles_min
        assert step.cycles_min * 2000 < step.cycles_total < chip.cycle


def test_a_stop_in_between_changes_nothing(build):
    firmware = build("timed.c", "attiny85")
    with Chip("attiny85", firmware) as whole, Chip("attiny85", firmware) as stopped:
        a, b = whole.time("spin"), stopped.time("spin")
        whole.run(100_000, until=until.ended())
        stopped.run(100_000, until=until.symbol("spin"))
        stopped.run(100_000, until=until.symbol("spin"))
        stopped.run(100_000, until=until.ended())
        assert (a.calls, a.cycles_total) == (b.calls, b.cycles_total)


def test_the_same_function_gives_the_same_figures_twice(timed):
    first, second = timed.time("seven"), timed.time("seven")
    timed.run(100_000, until=until.ended())
    assert first.calls == second.calls == 6


def test_an_unknown_function_cannot_be_timed(timed):
    with pytest.raises(UnknownSymbolError):
        timed.time("eight")
    with Chip("attiny85") as bare, pytest.raises(UnknownSymbolError, match="no firmware"):
        bare.time("main")


def test_sixty_four_functions_can_be_timed():
    with Chip("attiny85") as chip:
        for n in range(64):
            FunctionTimer(chip, f"f{n}", 2 * n)
        with pytest.raises(PyavrSimError, match="64 functions"):
            FunctionTimer(chip, "one more", 2 * 64)
