# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench transformer``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.bench_transformer import bench_transformer
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    text: Annotated[Path, typer.Option(help="tinyshakespeare.txt; its last tenth is scored.")],
    json: Json = False,
    prefix: Annotated[
        int, typer.Option(help="Characters that each chip codes and decodes.", min=1)
    ] = 2_000,
) -> None:
    """The pretrained transformer on chips, beside other models of equal flash."""
    rows, elfs = bench_transformer(text, prefix)
    console().print(bench_table("bits a character", rows, heading="model"))
    if json:
        print(bench_json("transformer", describe_environment(elfs), rows))
