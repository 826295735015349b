# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a compression as it goes: the last chain on a terminal, elsewhere a line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from kilolearn.compress.hunt import Trial

__all__ = ["watch_compress"]

_FIRST = "fitting the model's kind in each fold"


@contextmanager
def watch_compress(console: Console) -> Iterator[Callable[[Trial], None]]:
    """A callback for `compress` that shows each chain that was tried.

    Args:
        console: Where to show it.
    """
    if not console.is_terminal:

        def show(line: str) -> None:
            console.print(line, highlight=False, markup=False, soft_wrap=True)

        show(_FIRST)
        yield lambda trial: show(_told(trial))
        return
    with console.status(_FIRST) as status:
        yield lambda trial: status.update(_told(trial))


def _told(trial: Trial) -> str:
    """A trial in a line: what became of it, and its chain."""
    name, cost = trial.plan.name, trial.cost
    if trial.refused is not None:
        return f"refused: {name}: {trial.refused.splitlines()[0]}"
    if trial.confirmed is not None:
        return f"{trial.confirmed:.2f} % right on other folds: {name}"
    if cost is None:
        return f"{trial.accuracy:.2f} % right, too few: {name}"
    return (
        f"{trial.accuracy:.2f} % right, {cost.flash:,} B of flash, {cost.sram_high_water:,} B of "
        f"SRAM, {cost.cycles:,.0f} cycles: {name}"
    )
