# SPDX-License-Identifier: GPL-3.0-or-later
"""A search as it is shown: the live front on a terminal, lines elsewhere."""

from __future__ import annotations

import io
import re

from rich.console import Console

from kilolearn.classifier.cost import Cost
from kilolearn.search.evaluate import Trial
from kilolearn.search.watch import FrontSoFar, front_table, watch_search

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def trial(accuracy: float, flash: int | None) -> Trial:
    cost = None if flash is None else Cost(flash, 9, 100.0, 120)
    stopped = "does not fit" if flash is None else None
    genes: dict[str, int | str] = {"family": "tree", "tree.leaves": int(accuracy)}
    return Trial(genes, accuracy, (accuracy,), cost, 1.0, stopped, 0.0)


TRIALS = (
    trial(70, 30),
    trial(99, None),
    trial(80, 90),
    trial(92, 80),  # the first that is good enough, and better than the third
    trial(91, 85),
    trial(91, 60),  # smaller
)


def watched(terminal: bool) -> tuple[str, FrontSoFar]:
    console = Console(
        file=io.StringIO(), force_terminal=terminal, width=100, highlight=False, _environ={}
    )
    front = FrontSoFar(("flash",), "attiny85")
    with watch_search(console, front, len(TRIALS), wanted=90.0) as told:
        for one in TRIALS:
            told(one)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue(), front


def test_elsewhere_it_says_the_best_and_then_the_smallest_that_is_good_enough() -> None:
    said, front = watched(terminal=False)

    assert [line.split(" of flash")[0] for line in said.splitlines()] == [
        "1 of 6: 70.00 % right, 30 B",
        "3 of 6: 80.00 % right, 90 B",
        "4 of 6: 92.00 % right, 80 B",
        "6 of 6: 91.00 % right, 60 B",
    ]
    assert front.tried == 6
    assert front.trials == (TRIALS[3], TRIALS[5], TRIALS[0])


def test_on_a_terminal_the_front_and_a_bar_stay_in_sight() -> None:
    said, _ = watched(terminal=True)

    last = _CONTROL.sub("", said).rpartition("candidates")[2]
    assert "6/6" in last
    rows = [line.split()[:4] for line in last.splitlines() if "tree" in line]
    assert rows == [
        ["92.00", "80", "9", "100"],
        ["91.00", "60", "9", "100"],
        ["70.00", "30", "9", "100"],
    ]


def test_a_narrow_table_still_shows_all_figures() -> None:
    console = Console(file=io.StringIO(), width=60, _environ={})
    console.print(front_table(TRIALS[2:4], None))

    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "80.00" in shown
    assert "92.00" in shown
