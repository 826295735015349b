# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench power-cut``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_power_cut import bench_power_cut
from kilolearn.commands.bench.options import Jobs, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    cuts: Annotated[int, typer.Option(help="Power cuts in all, at least.", min=100)] = 1_000_000,
    steps: Annotated[int, typer.Option(help="Of training under resets, a chip.", min=4)] = 200,
    jobs: Jobs = None,
) -> None:
    """Checkpoints while the power is cut at every instant; training while the chip hangs."""
    with processes(jobs) as executor:
        rows, elfs = bench_power_cut(cuts, steps, executor)
    console().print(bench_table("what a chip restores", rows, heading="chip"))
    if json:
        print(bench_json("power-cut", describe_environment(elfs), rows))
