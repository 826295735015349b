# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows how a pretraining goes: a bar on a terminal, a line every half minute elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from kilolearn.pretrain.training import Progress

__all__ = ["pretraining_progress"]

_LINE_SECONDS = 30.0  # between two plain lines


@contextmanager
def pretraining_progress(console: Console, title: str) -> Iterator[Callable[[Progress], None]]:
    """A callback for `train`.

    Args:
        console: Where to show it.
        title: What is being trained.
    """
    if not console.is_terminal:
        yield _plain_lines(console, title)
        return
    percent = TextColumn("{task.percentage:3.0f} %")
    told = TextColumn("{task.description}")
    with Bar(
        percent, BarColumn(20), told, TimeElapsedColumn(), TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task(title)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                completed=progress.step,
                total=progress.steps,
                description=f"{title}: {_in_words(progress)}",
            )

        yield show


def _plain_lines(console: Console, title: str) -> Callable[[Progress], None]:
    started = last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _LINE_SECONDS and progress.step < progress.steps:
            return
        last = now
        console.print(f"{title}: {_in_words(progress)}, {now - started:.0f} s", highlight=False)

    return show


def _in_words(progress: Progress) -> str:
    return f"step {progress.step:,} of {progress.steps:,}, {progress.bits:.3f} bits a character"
