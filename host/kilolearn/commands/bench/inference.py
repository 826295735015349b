# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench inference``."""

from __future__ import annotations

from itertools import product
from typing import Annotated

import typer

from kilolearn.bench_inference import DATASETS, MODELS, InferenceResult, bench_inference
from kilolearn.commands.bench.options import Jobs, Splits, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.inference_peers import describe_systems
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    splits: Splits = 5,
    dataset: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DATASETS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Models of scikit-learn as C by four systems, on the ATmega328P."""
    names = chosen(dataset, DATASETS)
    tell = console(stderr=True)

    def told(result: InferenceResult) -> None:
        verdict = f"{result.figures['accuracy']:.2f} %" if result.figures else result.status
        tell.print(
            f"{result.dataset} {result.model} by {result.system}, split {result.seed}: {verdict}",
            highlight=False,
            markup=False,
        )

    with processes(jobs) as executor:
        rows = bench_inference(executor, splits, names, told)
    for name, model in product(names, MODELS):
        own = [row for row in rows if (row["dataset"], row["model"]) == (name, model)]
        console().print(bench_table(f"{name}, {model}", own, heading="system"))
    if json:
        print(bench_json("inference", describe_environment({}) | describe_systems(), rows))
