# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench examples``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from kilolearn.bench_examples import CHIPS, bench_examples
from kilolearn.commands.bench.options import Jobs, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.example_programs import EXAMPLES
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Draws of each task; tests use fewer.", min=1)] = 200,
    chip: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(CHIPS)}.")
    ] = None,
    program: Annotated[
        list[str] | None, typer.Option(help="Only this one, a file of examples/python.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """The learners in examples/python, learning on the chip in Python."""
    named = chosen(program, dict.fromkeys(example.program for example in EXAMPLES))
    wanted = [example for example in EXAMPLES if example.program in named]
    with TemporaryDirectory() as folder, processes(jobs) as executor:
        rows, elfs = bench_examples(executor, Path(folder), seeds, chosen(chip, CHIPS), wanted)
        environment = describe_environment(elfs)
    for name in dict.fromkeys(str(row["chip"]) for row in rows):
        own = [row for row in rows if row["chip"] == name]
        console().print(bench_table(f"examples/python on the {name}", own, heading="program"))
    if json:
        print(bench_json("examples", environment, rows))
