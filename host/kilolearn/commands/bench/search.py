# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench search``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from kilolearn.bench_search import (
    DATASETS,
    EXECUTORS,
    TIMED_TRIALS,
    bench_executors,
    bench_samplers,
)
from kilolearn.commands.bench.options import Jobs, chosen
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console
from kilolearn.search.executors import executor_for

__all__ = ["run"]


def run(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Searches a sampler; tests use fewer.", min=1)] = 10,
    trials: Annotated[int, typer.Option(help="Candidates a search; tests use fewer.", min=1)] = 400,
    dataset: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DATASETS)}.")
    ] = None,
    executor: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(EXECUTORS)}.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(help="Runs of each executor; the median of the speedups counts.", min=1)
    ] = 5,
    jobs: Jobs = None,
) -> None:
    """NSGA-II against random search; trials a second on processes and on Dask."""
    names, executors = chosen(dataset, DATASETS), chosen(executor, EXECUTORS)
    tell = console(stderr=True)

    def told(line: str) -> None:
        tell.print(line, highlight=False, markup=False)

    scaling = bench_executors(executors, min(trials, TIMED_TRIALS), rounds, told)
    with executor_for(jobs or os.cpu_count() or 1) as workers:
        samplers = bench_samplers(workers, names, seeds, trials, told)
    console().print(bench_table("Evolution and random draws", samplers, heading="dataset"))
    console().print(bench_table("Trials a second", scaling, heading="executor"))
    if json:
        print(bench_json("search", describe_environment({}), samplers + scaling))
