# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench frames``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.bench_frames import bench_frames
from kilolearn.commands.bench.options import Jobs, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]

Corpus = Annotated[
    Path | None,
    typer.Option(
        help="Folder of inputs to begin with; the fewest that lead everywhere are put there.",
        file_okay=False,
        writable=True,
    ),
]


def run(
    json: Json = False,
    frames: Annotated[int, typer.Option(help="In all, at least.", min=1)] = 10_000_000,
    corpus: Corpus = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn.", min=0)] = 1,
    jobs: Jobs = None,
) -> None:
    """The chip's frame parser, fuzzed: what answers, stack and weights say."""
    with processes(jobs) as executor:
        rows, troubles, elfs = bench_frames(frames, executor, corpus, seed)
    console().print(bench_table("what chips do with frames", rows, heading="learner"))
    for trouble in troubles:
        said = f"{trouble.kind}: {trouble.heard.hex(' ')}: {trouble.message}"
        console(stderr=True).print(said, markup=False, highlight=False)
    if json:
        print(bench_json("frames", describe_environment(elfs), rows))
