# SPDX-License-Identifier: GPL-3.0-or-later
"""A compression as it is shown: a line a chain where there is no terminal."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from kilolearn.classifier.cost import Cost
from kilolearn.compress.hunt import Trial
from kilolearn.compress.plans import NetChain
from kilolearn.compress.watch import watch_compress
from kilolearn.nets.representation import Representation

PLAN = NetChain((), False, (Representation("int8"),))
MADE = Trial(PLAN, 0, 90.0, 95.0, cost=Cost(1234, 56, 7890.0, 8000))
TRIALS = (
    MADE,
    Trial(PLAN, 0, refused="no [room]\nat all"),
    Trial(PLAN, 1, accuracy=80.0),
    replace(MADE, confirmed=94.5),
    replace(MADE, cost=None, confirmed=None, refused="too large"),
)


def shown(terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=40, _environ={})
    with watch_compress(console) as told:
        for trial in TRIALS:
            told(trial)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_elsewhere_each_chain_is_a_line_as_it_comes() -> None:
    name = PLAN.name
    assert shown(terminal=False).splitlines() == [
        "fitting the model's kind in each fold",
        f"95.00 % right, 1,234 B of flash, 56 B of SRAM, 7,890 cycles: {name}",
        f"refused: {name}: no [room]",
        f"80.00 % right, too few: {name}",
        f"94.50 % right on other folds: {name}",
        f"refused: {name}: too large",
    ]


def test_on_a_terminal_nothing_of_it_stays() -> None:
    assert shown(terminal=True).endswith("\x1b[2K")
