# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn demo``: an emulated ATtiny1634 learns handwritten digits in 1 KB of SRAM."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.commands.options import Epochs, Seed
from kilolearn.demo import demonstrate
from kilolearn.progress import training_progress
from kilolearn.report import console, demo_tables

__all__ = ["run"]


def run(
    mcu: Annotated[str, typer.Option(help="Chip to emulate.")] = "attiny1634",
    seed: Seed = 0,
    epochs: Epochs = None,
) -> None:
    """Train digits on an emulated chip and show what it took; no hardware needed."""
    out = console()
    shown = demonstrate(
        lambda line: out.print(line, highlight=False),
        lambda title, chip: training_progress(out, title, chip),
        mcu,
        seed,
        epochs,
    )
    for table in demo_tables(shown):
        out.print()
        out.print(table)
