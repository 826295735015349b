# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench link``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_link import bench_link
from kilolearn.commands.bench.options import Jobs, processes
from kilolearn.commands.options import Epochs, Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    epochs: Epochs = None,
    steps: Annotated[int, typer.Option(help="Over a line without faults.", min=1)] = 1000,
    jobs: Jobs = None,
) -> None:
    """Digits, trained over lines that lose and spoil bytes; how much of a good line is used."""
    with processes(jobs) as executor:
        rows, elfs = bench_link(epochs, steps, executor)
    console().print(bench_table("digits over a line", rows, heading="chip"))
    if json:
        print(bench_json("link", describe_environment(elfs), rows))
