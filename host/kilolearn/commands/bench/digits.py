# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench digits``."""

from __future__ import annotations

from kilolearn.bench_digits import DigitsRun, bench_digits, summarise
from kilolearn.commands.bench.options import Jobs, Splits, processes
from kilolearn.commands.options import Epochs, Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(json: Json = False, splits: Splits = 5, epochs: Epochs = None, jobs: Jobs = None) -> None:
    """Digits trained on two chips with 1 KB of SRAM and one with 512 bytes."""
    tell = console(stderr=True)

    def told(run: DigitsRun) -> None:
        verdict = "same bits as the twin" if run.difference is None else run.difference
        tell.print(f"{run.mcu}, split {run.seed}: {run.accuracy:.2f} %, {verdict}", highlight=False)

    with processes(jobs) as executor:
        runs, elfs = bench_digits(executor, splits, epochs, told)
    rows = summarise(runs)
    console().print(bench_table("digits, trained on the chip", rows))
    if json:
        print(bench_json("digits", describe_environment(elfs), rows))
