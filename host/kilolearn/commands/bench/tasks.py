# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench tasks``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_tasks import bench_tasks
from kilolearn.commands.bench.options import Jobs, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Draws of each task; tests use fewer.", min=1)] = 200,
    jobs: Jobs = None,
) -> None:
    """Lines, anomalies and rules learned from voltages in a few dozen bytes."""
    with processes(jobs) as executor:
        rows, elfs = bench_tasks(executor, seeds)
    for task in dict.fromkeys(str(row["task"]) for row in rows):
        own = [row for row in rows if row["task"] == task]
        console().print(bench_table(f"{task}, learned from voltages", own, heading="learner"))
    if json:
        print(bench_json("tasks", describe_environment(elfs), rows))
