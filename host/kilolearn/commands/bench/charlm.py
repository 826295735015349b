# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench charlm``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.bench_charlm import bench_charlm
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    text: Annotated[
        list[Path], typer.Option(help="A text, e.g. alice29.txt; may be given several times.")
    ],
    json: Json = False,
    prefix: Annotated[
        int, typer.Option(help="Bytes of the first text coded on the chips; 0: none.", min=0)
    ] = 20_000,
    peers: Annotated[bool, typer.Option(help="Measure other compressors too.")] = True,
) -> None:
    """Texts compressed by a model that learns in 1 KB of SRAM, beside other compressors."""
    rows, elfs = bench_charlm(text, prefix, peers)
    console().print(bench_table("bits a character", rows, heading="model"))
    if json:
        print(bench_json("charlm", describe_environment(elfs), rows))
