# SPDX-License-Identifier: GPL-3.0-or-later
"""What several benchmarks can be asked."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer

from kilolearn.bench_engine import FIRMWARES

__all__ = ["Jobs", "Probes", "Rounds", "Splits", "chosen", "processes"]

Splits = Annotated[
    int, typer.Option(help="Stratified splits, seeds from 0; tests use fewer.", min=1)
]
Rounds = Annotated[int, typer.Option(help="Runs of each; the best counts.", min=1)]
Probes = Annotated[
    list[str] | None, typer.Option(help=f"Only this one, of {', '.join(FIRMWARES)}.")
]
Jobs = Annotated[int | None, typer.Option(help="Processes at once; default: one a core.", min=1)]


def chosen(names: list[str] | None, known: Iterable[str]) -> list[str]:
    """All that are known, or those that the user named."""
    if strange := set(names or ()) - set(known):
        raise typer.BadParameter(f"{', '.join(sorted(strange))}; choose of {', '.join(known)}")
    return names or list(known)


def processes(jobs: int | None) -> ProcessPoolExecutor:
    """Fresh processes: a forked one would inherit threads and open libraries."""
    return ProcessPoolExecutor(jobs or os.cpu_count(), multiprocessing.get_context("spawn"))
