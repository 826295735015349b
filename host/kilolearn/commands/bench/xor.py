# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench xor``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_xor import bench_xor
from kilolearn.commands.bench.options import Jobs, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Starts tried; tests use fewer.", min=1)] = 300,
    jobs: Jobs = None,
) -> None:
    """Exclusive or learned by backpropagation, from many seeds."""
    with processes(jobs) as executor:
        rows, elfs = bench_xor(executor, seeds)
    console().print(bench_table("exclusive or, learned on the chip", rows))
    if json:
        print(bench_json("xor", describe_environment(elfs), rows))
