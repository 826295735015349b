# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench layers``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_layers import bench_layers
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    draws: Annotated[int, typer.Option(help="Random operands; tests use fewer.", min=1)] = 20,
) -> None:
    """Layers of the transformer in C and in assembly, with and without MUL."""
    rows, elfs = bench_layers(draws)
    console().print(bench_table("layers", rows))
    if json:
        print(bench_json("layers", describe_environment(elfs), rows))
