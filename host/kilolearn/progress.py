# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows how training goes: a bar on a terminal, a line every few seconds elsewhere.

"Right" is the share of right answers of this epoch so far, each given before its update.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from kilolearn.train import Progress

__all__ = ["training_progress"]

_LINE_SECONDS = 5.0  # between two plain lines


@contextmanager
def training_progress(
    console: Console, title: str, chip: Any = None
) -> Iterator[Callable[[Progress], None]]:
    """A callback for `train_on_chip`.

    Args:
        console: Where to show it.
        title: What is being trained.
        chip: An emulated chip, whose own time is then shown too.
    """
    if not console.is_terminal:
        yield _plain_lines(console, title, chip)
        return
    columns = (
        TextColumn("{task.percentage:3.0f} %"),
        BarColumn(20),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    console.print(title, highlight=False)
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("")

        def show(progress: Progress) -> None:
            bar.update(
                task,
                completed=progress.samples_done,
                total=progress.samples_total,
                description=_in_words(progress, chip),
            )

        yield show


def _plain_lines(console: Console, title: str, chip: Any) -> Callable[[Progress], None]:
    started = last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        done = progress.samples_done == progress.samples_total
        if now - last < _LINE_SECONDS and not done:
            return
        last = now
        share = 100 * progress.samples_done // progress.samples_total
        console.print(
            f"{title}: {share:3d} %, {_in_words(progress, chip)}, host {now - started:.0f} s",
            highlight=False,
        )

    return show


def _in_words(progress: Progress, chip: Any) -> str:
    told = f"epoch {progress.epoch + 1}: {100 * progress.accuracy:4.1f} % right"
    if chip is None:
        return told
    return f"{told}, {chip.cycle / chip.hz:3.0f} s at {chip.hz / 1e6:g} MHz"
