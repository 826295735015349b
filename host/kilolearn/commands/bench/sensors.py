# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench sensors``."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from kilolearn.bench_sensors import SENSORS, SensorRun, bench_sensors, summarise
from kilolearn.commands.bench.options import Jobs, chosen, processes
from kilolearn.commands.options import Epochs, Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    dataset: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(SENSORS)}.")
    ] = None,
    epochs: Epochs = None,
    seeds: Annotated[int, typer.Option(help="Trainings of each; tests use fewer.", min=1)] = 20,
    jobs: Jobs = None,
) -> None:
    """Motions, power, speakers and streams, learned on a chip with 1 KB of SRAM."""
    names = chosen(dataset, SENSORS)
    tell = console(stderr=True)

    def told(run: SensorRun) -> None:
        verdict = "same bits as the twin" if run.difference is None else run.difference
        tell.print(f"{run.dataset}: {np.mean(run.accuracies):.2f} %, {verdict}", highlight=False)

    with processes(jobs) as executor:
        runs, elfs = bench_sensors(executor, names, epochs, seeds, told)
    rows = summarise(runs)
    console().print(bench_table("sensors and streams, learned on the chip", rows, "dataset"))
    if json:
        print(bench_json("sensors", describe_environment(elfs), rows))
