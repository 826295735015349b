# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench codecs``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_codecs import CHIPS, SplitRun, bench_codecs
from kilolearn.bench_codecs import summarise as summarise_codecs
from kilolearn.codecs.designs import DESIGNS
from kilolearn.commands.bench.options import Jobs, Splits, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    splits: Splits = 5,
    representation: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DESIGNS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """One digits net under eleven representations of its weights."""
    names = chosen(representation, DESIGNS)
    tell = console(stderr=True)

    def told(run: SplitRun) -> None:
        verdict = "same bits everywhere" if run.exact else "chip, twin and NumPy DIFFER"
        line = f"{run.representation}, split {run.seed}: {run.accuracy:.2f} %, {verdict}"
        tell.print(line, highlight=False)

    with processes(jobs) as executor:
        runs, elfs = bench_codecs(executor, splits, names, told)
    rows = summarise_codecs(runs)
    for mcu in CHIPS:
        shown = [row for row in rows if row["chip"] == mcu]
        console().print(bench_table(f"digits on {mcu}", shown, heading="representation"))
    if json:
        print(bench_json("codecs", describe_environment(elfs), rows))
