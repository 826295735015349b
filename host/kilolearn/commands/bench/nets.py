# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench nets``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_nets import TASKS, bench_nets
from kilolearn.commands.bench.options import Jobs, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Of each accuracy; tests use fewer.", min=1)] = 5,
    task: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(TASKS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Deep nets, attention, distillation, federation, meta-learning: trained on the chip."""
    names = chosen(task, TASKS)
    with processes(jobs) as executor:
        rows, elfs = bench_nets(executor, seeds, names)
    for row in rows:
        console().print(bench_table(str(row["task"]), [row], heading="learner"))
    if json:
        print(bench_json("nets", describe_environment(elfs), rows))
