# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench python``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from kilolearn.bench_python import CHIPS, bench_python
from kilolearn.commands.bench.options import chosen
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    chip: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(CHIPS)}.")
    ] = None,
) -> None:
    """The article's training program in bytecode, in C and in Snek."""
    with TemporaryDirectory() as folder:
        rows, elfs = bench_python(Path(folder), chosen(chip, CHIPS))
        environment = describe_environment(elfs)
    for name in dict.fromkeys(str(row["chip"]) for row in rows):
        own = [row for row in rows if row["chip"] == name]
        console().print(bench_table(f"perceptron.py on the {name}", own, heading="system"))
    if json:
        print(bench_json("python", environment, rows))
