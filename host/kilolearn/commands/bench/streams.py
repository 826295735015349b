# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench streams``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_streams import CASES, bench_streams
from kilolearn.commands.bench.options import Jobs, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Streams of each; tests use fewer.", min=1)] = 20,
    on_chip: Annotated[int, typer.Option(help="How many the chip learns too.", min=1)] = 1,
    config: Annotated[list[str] | None, typer.Option(help="Only this, e.g. tree-plane.")] = None,
    jobs: Jobs = None,
) -> None:
    """Ensembles, trees and replay, each sample sent once."""
    names = chosen(config, dict.fromkeys(case.name for case in CASES))
    cases = tuple(case for case in CASES if case.name in names)
    tell = console(stderr=True)

    def told(row: dict[str, object]) -> None:
        tell.print(f"{row['config']}, {row['task']}: {row['accuracy']} %", highlight=False)

    with processes(jobs) as executor:
        rows, elfs = bench_streams(executor, seeds, on_chip, cases, told)
    for task in dict.fromkeys(row["task"] for row in rows):
        own = [row for row in rows if row["task"] == task]
        console().print(bench_table(f"streams: {task}", own, heading="learner"))
    if json:
        print(bench_json("streams", describe_environment(elfs), rows))
