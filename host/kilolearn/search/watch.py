# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a search as it goes: a bar and the front on a terminal, elsewhere what got better."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from kilolearn.search.engine import front_of
from kilolearn.search.evaluate import Trial
from kilolearn.search.findings import choose
from kilolearn.search.wording import genes_in_words, told

__all__ = ["FrontSoFar", "front_table", "watch_search"]

_ROWS_MAX = 16


class FrontSoFar:
    """The front of the trials told so far.

    Attributes:
        trials: By rising error.
        tried: Trials told.
    """

    def __init__(self, minimise: Sequence[str], mcu: str) -> None:
        self.trials: tuple[Trial, ...] = ()
        self.tried = 0
        self._minimise = tuple(minimise)
        self._mcu = mcu

    def add(self, trial: Trial) -> None:
        """Take a trial in."""
        self.tried += 1
        if trial.cost is not None:
            self.trials = front_of((*self.trials, trial), self._minimise, self._mcu)

    def chosen(self, wanted: float) -> Trial | None:
        """What would be chosen now."""
        return choose(self.trials, self._minimise, wanted, self._mcu)


@contextmanager
def watch_search(
    console: Console, front: FrontSoFar, trials: int, wanted: float
) -> Iterator[Callable[[Trial], None]]:
    """A callback for `search` that keeps and shows the front.

    Args:
        console: Where to show it.
        front: Empty; it has all trials told, also after an interrupt.
        trials: To be evaluated.
        wanted: Percent right that a choice must reach.
    """
    if not console.is_terminal:
        yield _lines(console, front, trials, wanted)
        return
    bar = Progress(
        TextColumn("candidates"),
        BarColumn(30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
    task = bar.add_task("", total=trials)
    with Live(bar, console=console, transient=True, refresh_per_second=4) as live:

        def show(trial: Trial) -> None:
            front.add(trial)
            bar.update(task, completed=front.tried)
            live.update(Group(bar, front_table(front.trials, front.chosen(wanted))))

        yield show


def front_table(front: Sequence[Trial], chosen: Trial | None) -> Table:
    """A front in rows; the chosen one stands out. A long one without its worst."""
    table = Table(box=None, pad_edge=False)
    for name in ("right, %", "flash, B", "SRAM, B", "cycles"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    for trial in front[:_ROWS_MAX]:
        assert trial.cost is not None, "what was not built is on no front"
        table.add_row(
            f"{trial.accuracy:.2f}",
            f"{trial.cost.flash:,}",
            f"{trial.cost.sram_high_water:,}",
            f"{trial.cost.cycles:,.0f}",
            genes_in_words(trial),
            style="bold" if chosen is not None and trial.key == chosen.key else None,
        )
    return table


def _lines(
    console: Console, front: FrontSoFar, trials: int, wanted: float
) -> Callable[[Trial], None]:
    """Says what is the smallest that is good enough, or until there is one, the best."""
    last: Trial | None = None

    def show(trial: Trial) -> None:
        nonlocal last
        front.add(trial)
        now = front.chosen(wanted) or next(iter(front.trials), None)
        if now is not None and now != last:
            last = now
            console.print(
                f"{front.tried} of {trials}: {told(now)}", highlight=False, soft_wrap=True
            )

    return show
